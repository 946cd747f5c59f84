import { join } from "node:path";
import { resolveGeth } from "../../cluster/engines/geth.ts";
import { startEmbeddedChain } from "../../cluster/targets/embedded.ts";
import { isStemmaError, StemmaError } from "../../protocol/errors.ts";
import { type DenseChain, fillChain, prepareDenseChain } from "./denseChain.ts";
import { startGeth } from "./gethNode.ts";

/** A node with a dense chain on it. */
export type BenchChain = {
  readonly chain: DenseChain;
  readonly node: { readonly rpcUrl: string; readonly pid: number; readonly stop: () => Promise<void> };
  readonly engine: "geth" | "EDR";
};

/** EDR keeps its chain in memory and is made anew each time. */
const EDR_MAX_RECORDS = 5_000;
/** No block is ever half full there, so its base fee only falls. */
const EDR_FEES = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n };

/**
 * A chain with `records` records on geth, or on EDR with fewer of them where there is neither geth nor Go to build it with.
 */
export async function openBenchChain(records: number, say: (line: string) => void): Promise<BenchChain> {
  const binary = await findGeth(say);
  if (binary !== null) {
    const dataDir = join(".stemma/bench", `geth-${records}`);
    const chain = await prepareDenseChain(binary, dataDir, records, say);
    return { chain, node: await startGeth(binary, dataDir), engine: "geth" };
  }
  const fewer = Math.min(records, EDR_MAX_RECORDS);
  say(`No geth: ${fewer} records on EDR, which serves logs far more slowly. Not comparable with the goal.`);
  const node = await startEmbeddedChain({ blockGasLimit: 400_000_000n });
  try {
    const [account] = node.accounts;
    if (account === undefined)
      throw new StemmaError("BENCH_FAILED", { reason: "the embedded chain has no account" });
    const { rpcUrl } = node;
    const chain = await fillChain({ rpcUrl, key: account.privateKey, fees: EDR_FEES }, fewer, say);
    return { chain, node, engine: "EDR" };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

async function findGeth(say: (line: string) => void): Promise<string | null> {
  try {
    return await resolveGeth({ env: process.env, cacheDir: ".stemma/bin", onProgress: say });
  } catch (error) {
    if (!isStemmaError(error) || error.name !== "GETH_UNAVAILABLE") throw error;
    say(error.message);
    return null;
  }
}
