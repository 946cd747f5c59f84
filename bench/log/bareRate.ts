import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { LogHasher } from "../../indexer/log/hasher.ts";
import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { HASH_BYTES } from "../../protocol/tree/hash.ts";

const CHUNK_LEAVES = 16_384;

/** Leaves per second if there were nothing but two hashes for each: one of a leaf, one of a node, over flat memory. */
export function bareRate(hasher: LogHasher, leaves: number): number {
  const data = new Uint8Array(CHUNK_LEAVES * LEAF_BYTES).fill(1);
  const nodes = new Uint8Array(CHUNK_LEAVES * 2 * HASH_BYTES).fill(2);
  const parents = new Uint8Array(CHUNK_LEAVES * HASH_BYTES);
  const start = performance.now();
  let done = 0;
  for (; done < leaves; done += CHUNK_LEAVES) {
    hasher.hashLeaves(data);
    hasher.hashPairs(nodes, parents);
  }
  return done / ((performance.now() - start) / 1_000);
}

/** Threads that do nothing but hash, so that `n` busy cores are compared with `n` busy cores. */
export async function createBareThreads(count: number) {
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL("./bareWorker.ts", import.meta.url)),
  );
  await Promise.all(workers.map((worker) => once(worker, "message")));
  return {
    /** Sum over `threads` threads at the same time. */
    rate: async (threads: number, leaves: number): Promise<number> => {
      const rates = workers.slice(0, threads).map(async (worker) => {
        worker.postMessage(leaves);
        const [rate] = await once(worker, "message");
        return Number(rate);
      });
      return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
    },
    close: async (): Promise<void> => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
