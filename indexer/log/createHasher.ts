import { createPlainHasher, type LogHasher } from "./hasher.ts";

/**
 * The fastest hasher there is here.
 *
 * @param workers Threads that hash whole tiles; 0 hashes in the calling thread. `close` MUST be called where it isn't 0.
 */
export async function createHasher(
  _options: { readonly workers: number } = { workers: 0 },
): Promise<LogHasher> {
  return createPlainHasher();
}
