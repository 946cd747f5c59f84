import { parentPort, workerData } from "node:worker_threads";
import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { HASH_BYTES } from "../../protocol/tree/hash.ts";
import { TILE_LEAF_BYTES } from "./hasher.ts";
import { createKernel } from "./sha256/kernel.ts";

/** Memory that leader and worker share for one job: leaf data in, leaf hashes and tile roots out. */
export type JobSlot = {
  readonly leaves: Uint8Array;
  readonly leafHashes: Uint8Array;
  readonly roots: Uint8Array;
};

/** What a worker starts with. A slot is named by its place in the list. */
export type HashWorkerData = { readonly module: WebAssembly.Module; readonly slots: readonly JobSlot[] };

/** The leader asks for the tiles in a slot to be hashed; the worker answers with the slot once they are. */
export type HashJob = { readonly slot: number; readonly tiles: number };

// Both ends are ours and of one version; there is nothing to parse.
const { module, slots } = workerData as HashWorkerData;
const kernel = createKernel(module);

parentPort?.on("message", ({ slot, tiles }: HashJob) => {
  const job = slots[slot];
  if (!job) return;
  const leafBytes = tiles * TILE_LEAF_BYTES;
  kernel.hashTiles(
    job.leaves.subarray(0, leafBytes),
    job.leafHashes.subarray(0, (leafBytes / LEAF_BYTES) * HASH_BYTES),
    job.roots.subarray(0, tiles * HASH_BYTES),
  );
  parentPort?.postMessage(slot);
});
