import { privateKeyToAccount } from "viem/accounts";
import { createStemmaClient } from "../../../client/index.ts";
import type { Hex } from "../../../protocol/bytes.ts";
import { digest } from "../../client/setup.ts";
import type { TestDeployment } from "../../helpers/deploy.ts";

/** A little of everything: datasets, derivations, a revocation, a writer, a read. Returns the record hashes. */
export async function writeHistory(deployed: TestDeployment): Promise<readonly Hex[]> {
  const client = createStemmaClient({
    rpcUrl: deployed.rpcUrl,
    deployment: deployed.deployment,
    account: privateKeyToAccount(deployed.deployer.privateKey),
    pollingIntervalMs: 10,
  });
  const namespace = "history";
  const { namespaceId } = await client.registerNamespace({ namespace });
  await client.setNamespaceWriter({ namespaceId, writer: deployed.operator.address, allowed: true });
  const raw = await client.startDataset({ namespace, name: "raw", dataHash: digest("raw") });
  const hashes = [raw.recordHash];
  const step = async (name: string, operation: string, parents: readonly Hex[] = []) => {
    const dataHash = digest(`${name} ${hashes.length}`);
    const prepared = await client.prepareRecord({ namespace, name, dataHash, operation, parents });
    hashes.push((await client.submitRecord(prepared)).recordHash);
  };
  await step("raw", "TRANSFORM");
  await step("clean", "DERIVE", hashes);
  await step("clean", "TRANSFORM", [raw.recordHash]);
  await step("raw", "REVOKE");
  await client.recordAccesses({
    reports: [{ dataId: raw.dataId, recordHash: raw.recordHash, reader: digest("reader"), purpose: "AUDIT" }],
  });
  return hashes;
}
