import { privateKeyToAccount } from "viem/accounts";
import { createStemmaClient, type StemmaClient } from "../../client/index.ts";
import { bytesToHex, type Hex, utf8 } from "../../protocol/bytes.ts";
import { sha256 } from "../../protocol/hash.ts";
import { startChain, type TestChain } from "../helpers/chain.ts";
import { deployContracts, type TestDeployment } from "../helpers/deploy.ts";

/** A chain with contracts, and a client for any of its accounts. */
export type ClientSetup = {
  readonly chain: TestChain;
  readonly deployed: TestDeployment;
  /** Client of the development account of that number. */
  readonly clientOf: (account: number) => StemmaClient;
  readonly addressOf: (account: number) => Hex;
};

export async function setUpClient(): Promise<ClientSetup> {
  const chain = await startChain();
  try {
    const deployed = await deployContracts(chain.rpcUrl);
    const keyOf = (account: number) => {
      const found = chain.accounts[account];
      if (found === undefined) throw new Error(`no account ${account}`);
      return found.privateKey;
    };
    return {
      chain,
      deployed,
      addressOf: (account) => privateKeyToAccount(keyOf(account)).address.toLowerCase() as Hex,
      clientOf: (account) =>
        createStemmaClient({
          rpcUrl: chain.rpcUrl,
          deployment: deployed.deployment,
          account: privateKeyToAccount(keyOf(account)),
          pollingIntervalMs: 10,
        }),
    };
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

/** Digest of a text, in the place of a file's. */
export function digest(text: string): Hex {
  return bytesToHex(sha256(utf8(text)));
}

/** Everything that an iterator gives. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
