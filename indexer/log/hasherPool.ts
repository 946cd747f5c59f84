import { Worker } from "node:worker_threads";
import { StemmaError } from "../../protocol/errors.ts";
import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { TILE_WIDTH } from "../../protocol/tiles.ts";
import { HASH_BYTES } from "../../protocol/tree/hash.ts";
import { type HashedTiles, type LogHasher, TILE_LEAF_BYTES } from "./hasher.ts";
import type { HashJob, HashWorkerData, JobSlot } from "./hashWorker.ts";
import { createKernelHasher } from "./kernelHasher.ts";
import { createKernel } from "./sha256/kernel.ts";

/** Tiles in one job: some milliseconds of work, so that messages cost little beside it. */
const JOB_TILES = 32;
/** While a worker hashes one slot, the leader fills the other. */
const SLOTS_IN_WORKER = 2;
const TILE_HASH_BYTES = TILE_WIDTH * HASH_BYTES;

export type HasherPoolOptions = { readonly workers: number; readonly jobTiles?: number };

type Slot = JobSlot & { readonly hash: (tiles: number) => Promise<void> };

/**
 * A hasher that spreads whole tiles over threads. Each job is an aligned range of 256-leaf subtrees of its own place in the result, so
 * the answer is the same for every number of threads and every order in which they finish.
 */
export function createHasherPool(
  module: WebAssembly.Module,
  { workers: count, jobTiles = JOB_TILES }: HasherPoolOptions,
): LogHasher {
  const local = createKernelHasher(createKernel(module));
  const workers = Array.from({ length: count }, () => createHashThread(module, jobTiles));
  // First the first slot of every worker, so that a few jobs use all threads.
  const slots = Array.from({ length: SLOTS_IN_WORKER }, (_, i) =>
    workers.map((worker) => worker.slots[i]),
  ).flat();

  // Slots are shared: calls take turns.
  let turn: Promise<unknown> = Promise.resolve();

  async function hashTiles(leaves: Uint8Array): Promise<HashedTiles> {
    const tiles = leaves.length / TILE_LEAF_BYTES;
    const leafHashes = new Uint8Array((leaves.length / LEAF_BYTES) * HASH_BYTES);
    const roots = new Uint8Array(tiles * HASH_BYTES);
    let next = 0;
    const drain = async (slot: Slot | undefined): Promise<void> => {
      while (slot && next < tiles) {
        const first = next;
        const size = Math.min(jobTiles, tiles - first);
        next += size;
        slot.leaves.set(leaves.subarray(first * TILE_LEAF_BYTES, (first + size) * TILE_LEAF_BYTES));
        await slot.hash(size);
        leafHashes.set(slot.leafHashes.subarray(0, size * TILE_HASH_BYTES), first * TILE_HASH_BYTES);
        roots.set(slot.roots.subarray(0, size * HASH_BYTES), first * HASH_BYTES);
      }
    };
    // All of them, even after a failure: none may still be writing when the next call begins.
    const ends = await Promise.allSettled(slots.map(drain));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return { leafHashes, roots };
  }

  return {
    hashPairs: local.hashPairs,
    hashLeaves: local.hashLeaves,
    // Less than a job isn't worth a message.
    hashTiles: (leaves) => {
      if (leaves.length < jobTiles * TILE_LEAF_BYTES) return local.hashTiles(leaves);
      const answer = turn.then(() => hashTiles(leaves));
      turn = answer.catch(() => {});
      return answer;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

/** A worker that is started with its first job, and again after it has died: what it was doing fails, what follows doesn't. */
function createHashThread(module: WebAssembly.Module, jobTiles: number) {
  const memories = Array.from({ length: SLOTS_IN_WORKER }, () => createSlotMemory(jobTiles));
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let running: Worker | null = null;
  let isClosed = false;

  function start(): Worker {
    const workerData: HashWorkerData = { module, slots: memories };
    const worker = new Worker(new URL("./hashWorker.ts", import.meta.url), { workerData });
    worker.on("message", (slot: number) => {
      const job = waiting.get(slot);
      waiting.delete(slot);
      // Only a job in flight keeps the process alive.
      if (waiting.size === 0) worker.unref();
      job?.resolve();
    });
    worker.on("error", (cause) => fail(worker, String(cause), cause));
    worker.on("exit", (code) => fail(worker, `exit code ${code}`));
    return worker;
  }

  function fail(worker: Worker, reason: string, cause?: unknown): void {
    // An error is followed by an exit, by which time another worker may be at work.
    if (running !== worker) return;
    running = null;
    for (const job of waiting.values())
      job.reject(new StemmaError("LOG_WORKER_FAILED", { reason }, { cause }));
    waiting.clear();
  }

  function hash(slot: number, tiles: number): Promise<void> {
    if (isClosed)
      return Promise.reject(new StemmaError("LOG_WORKER_FAILED", { reason: "the pool is closed" }));
    running ??= start();
    const job = Promise.withResolvers<void>();
    waiting.set(slot, job);
    running.ref();
    running.postMessage({ slot, tiles } satisfies HashJob);
    return job.promise;
  }

  return {
    slots: memories.map((memory, i): Slot => ({ ...memory, hash: (tiles) => hash(i, tiles) })),
    close: async () => {
      isClosed = true;
      await running?.terminate();
    },
  };
}

function createSlotMemory(jobTiles: number): JobSlot {
  const shared = (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes));
  return {
    leaves: shared(jobTiles * TILE_LEAF_BYTES),
    leafHashes: shared(jobTiles * TILE_HASH_BYTES),
    roots: shared(jobTiles * HASH_BYTES),
  };
}
