import { createPlainHasher, type LogHasher } from "./hasher.ts";
import { createHasherPool } from "./hasherPool.ts";
import { createKernelHasher } from "./kernelHasher.ts";
import { compileKernel, createKernel } from "./sha256/kernel.ts";

/**
 * The fastest hasher there is here: WebAssembly where the engine has 128-bit vectors, plain JavaScript otherwise.
 *
 * @param options.workers Threads that hash whole tiles; 0 (the default) hashes in the calling thread. `close` MUST be called where it
 * isn't 0.
 * @param options.jobTiles Tiles in one job of a thread.
 */
export async function createHasher({
  workers = 0,
  jobTiles,
}: {
  readonly workers?: number;
  readonly jobTiles?: number;
} = {}): Promise<LogHasher> {
  const module = compileKernel();
  if (!module) return createPlainHasher();
  if (workers === 0) return createKernelHasher(createKernel(module));
  return createHasherPool(module, { workers, ...(jobTiles === undefined ? {} : { jobTiles }) });
}
