import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { createStemmaClient, type StemmaClient } from "../../client/index.ts";
import type { EmbeddedChainOptions } from "../../cluster/targets/embedded.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { decodeOperation } from "../../protocol/operation.ts";
import { startChain, type TestChain } from "../helpers/chain.ts";
import { deployContracts, type TestDeployment } from "../helpers/deploy.ts";

/** A record as the chain tells of it. */
export type SeenRecord = {
  readonly name: string;
  readonly operation: string;
  readonly recordHash: Hex;
  readonly previousHash: Hex;
  readonly parents: readonly Hex[];
  readonly dataHash: Hex;
  readonly metadataHash: Hex;
  readonly timestamp: bigint;
};

export type ImportWorld = {
  readonly chain: TestChain;
  readonly deployment: TestDeployment;
  /** A client for one of the development accounts. */
  client(accountIndex?: number): StemmaClient;
  /** An empty folder. */
  folder(): string;
  /** All records on the chain whose dataset starts in this namespace, in order. */
  records(namespaceId: Hex): Promise<SeenRecord[]>;
  stop(): Promise<void>;
};

/** A chain with contracts. */
export async function createImportWorld(options: EmbeddedChainOptions = {}): Promise<ImportWorld> {
  const chain = await startChain(options);
  const folders: string[] = [];
  const deployment = await deployContracts(chain.rpcUrl).catch(async (error) => {
    await chain.stop();
    throw error;
  });
  const read = {
    address: deployment.registry,
    abi: provenanceRegistryAbi,
    fromBlock: 0n,
    strict: true,
  } as const;
  return {
    chain,
    deployment,
    client(accountIndex = 0) {
      const account = chain.accounts[accountIndex];
      if (!account) throw new Error("no such account");
      return createStemmaClient({
        rpcUrl: chain.rpcUrl,
        deployment: deployment.deployment,
        account: privateKeyToAccount(account.privateKey),
        pollingIntervalMs: 20,
      });
    },
    folder() {
      const folder = mkdtempSync(join(tmpdir(), "stemma-import-"));
      folders.push(folder);
      return folder;
    },
    async records(namespaceId) {
      const { publicClient } = deployment;
      const starts = await publicClient.getContractEvents({
        ...read,
        eventName: "DatasetStarted",
        args: { namespaceId },
      });
      const names = new Map(starts.map(({ args }) => [args.dataId, args.name]));
      const recorded = await publicClient.getContractEvents({ ...read, eventName: "ProvenanceRecorded" });
      return recorded.flatMap(({ args }) => {
        const name = names.get(args.dataId);
        if (name === undefined) return [];
        return [{ ...args, name, operation: decodeOperation(args.operation) }];
      });
    },
    async stop() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      await chain.stop();
    },
  };
}
