import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { HASH_BYTES } from "../../protocol/tree/hash.ts";
import { type LogHasher, TILE_LEAF_BYTES } from "./hasher.ts";
import type { Kernel } from "./sha256/kernel.ts";

/** A hasher that works in the calling thread. */
export function createKernelHasher(kernel: Kernel): LogHasher {
  return {
    hashPairs: kernel.hashPairs,
    hashLeaves: (leaves) => {
      const leafHashes = new Uint8Array((leaves.length / LEAF_BYTES) * HASH_BYTES);
      kernel.hashLeaves(leaves, leafHashes);
      return leafHashes;
    },
    hashTiles: async (leaves) => {
      const leafHashes = new Uint8Array((leaves.length / LEAF_BYTES) * HASH_BYTES);
      const roots = new Uint8Array((leaves.length / TILE_LEAF_BYTES) * HASH_BYTES);
      kernel.hashTiles(leaves, leafHashes, roots);
      return { leafHashes, roots };
    },
    close: async () => {},
  };
}
