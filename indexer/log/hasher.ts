import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { TILE_WIDTH } from "../../protocol/tiles.ts";
import { HASH_BYTES, leafHash, plainHasher, type TreeHasher } from "../../protocol/tree/hash.ts";

/** Leaf hashes of whole tiles, and the root of each tile. */
export type HashedTiles = { readonly leafHashes: Uint8Array; readonly roots: Uint8Array };

/** Bytes of leaf data in a full tile. */
export const TILE_LEAF_BYTES = TILE_WIDTH * LEAF_BYTES;

/**
 * The hashing that a log needs, over flat buffers. Every implementation MUST give the bytes that protocol/tree gives.
 */
export type LogHasher = TreeHasher & {
  /** Leaf hashes of consecutive leaf data of 33 bytes each. */
  readonly hashLeaves: (leaves: Uint8Array) => Uint8Array;
  /** Leaf hashes and subtree roots of full tiles: `leaves` is a multiple of 256 times 33 bytes. May be spread over threads. */
  readonly hashTiles: (leaves: Uint8Array) => Promise<HashedTiles>;
  /** Ends its threads, if it has any. */
  readonly close: () => Promise<void>;
};

/** The hasher of protocol/tree, as it is: the one that the others are checked against. */
export function createPlainHasher(): LogHasher {
  function hashLeaves(leaves: Uint8Array): Uint8Array {
    const hashes = new Uint8Array((leaves.length / LEAF_BYTES) * HASH_BYTES);
    for (let from = 0, to = 0; from < leaves.length; from += LEAF_BYTES, to += HASH_BYTES) {
      hashes.set(leafHash(leaves.subarray(from, from + LEAF_BYTES)), to);
    }
    return hashes;
  }
  return {
    hashPairs: plainHasher.hashPairs,
    hashLeaves,
    hashTiles: async (leaves) => {
      const leafHashes = hashLeaves(leaves);
      return { leafHashes, roots: tileRoots(leafHashes, plainHasher) };
    },
    close: async () => {},
  };
}

/** Roots of consecutive full tiles. */
function tileRoots(leafHashes: Uint8Array, hasher: TreeHasher): Uint8Array {
  let nodes = leafHashes;
  for (let width = TILE_WIDTH; width > 1; width /= 2) {
    const parents = new Uint8Array(nodes.length / 2);
    hasher.hashPairs(nodes, parents);
    nodes = parents;
  }
  return nodes;
}
