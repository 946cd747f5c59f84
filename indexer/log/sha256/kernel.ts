import { LEAF_BYTES } from "../../../protocol/leaf.ts";
import { TILE_WIDTH } from "../../../protocol/tiles.ts";
import { HASH_BYTES } from "../../../protocol/tree/hash.ts";
import { buildModule, DATA_AT, fillConstants, LANES, memoryBytes } from "./module.ts";

/** Tiles hashed in one go: what they need fits a core's second-level cache. */
const TILES_AT_ONCE = 16;
const LEAVES_AT_ONCE = TILES_AT_ONCE * TILE_WIDTH;
/** Hashes and leaves come in groups of four: a group that isn't full still reads and writes four. */
const HASHES_AT = DATA_AT + (LEAVES_AT_ONCE + LANES) * LEAF_BYTES;
const NODES_AT = HASHES_AT + (LEAVES_AT_ONCE + 2 * LANES) * HASH_BYTES;
const PAGES = 6;

/** Hashing over flat buffers, in the calling thread. Outputs are filled from their start. */
export type Kernel = {
  readonly hashPairs: (nodes: Uint8Array, parents: Uint8Array) => void;
  readonly hashLeaves: (leaves: Uint8Array, leafHashes: Uint8Array) => void;
  /** `leaves` are whole tiles. */
  readonly hashTiles: (leaves: Uint8Array, leafHashes: Uint8Array, roots: Uint8Array) => void;
};

type GroupFunction = (input: number, output: number, groups: number) => void;

/** The compiled module, fit to be sent to other threads; null where the engine has no 128-bit vectors. */
export function compileKernel(): WebAssembly.Module | null {
  const bytes = buildModule(PAGES);
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}

/** A kernel with a memory of its own. */
export function createKernel(module: WebAssembly.Module): Kernel {
  const { exports } = new WebAssembly.Instance(module);
  // What buildModule exports; checked by every test that hashes.
  const {
    memory,
    leaves: leafGroups,
    pairs,
  } = exports as {
    memory: WebAssembly.Memory;
    leaves: GroupFunction;
    pairs: GroupFunction;
  };
  const bytes = new Uint8Array(memory.buffer, 0, memoryBytes(PAGES));
  fillConstants(bytes);

  function hashPairs(nodes: Uint8Array, parents: Uint8Array): void {
    const chunkBytes = LEAVES_AT_ONCE * HASH_BYTES;
    for (let from = 0; from < nodes.length; from += chunkBytes) {
      const chunk = nodes.subarray(from, from + chunkBytes);
      bytes.set(chunk, HASHES_AT);
      pairs(HASHES_AT, NODES_AT, groupsOf(chunk.length / (2 * HASH_BYTES)));
      parents.set(bytes.subarray(NODES_AT, NODES_AT + chunk.length / 2), from / 2);
    }
  }

  function hashLeaves(leaves: Uint8Array, leafHashes: Uint8Array): void {
    const chunkBytes = LEAVES_AT_ONCE * LEAF_BYTES;
    for (let from = 0, to = 0; from < leaves.length; from += chunkBytes, to += LEAVES_AT_ONCE * HASH_BYTES) {
      const count = loadLeaves(leaves.subarray(from, from + chunkBytes));
      leafHashes.set(bytes.subarray(HASHES_AT, HASHES_AT + count * HASH_BYTES), to);
    }
  }

  function hashTiles(leaves: Uint8Array, leafHashes: Uint8Array, roots: Uint8Array): void {
    const chunkBytes = LEAVES_AT_ONCE * LEAF_BYTES;
    let hashesTo = 0;
    let rootsTo = 0;
    for (let from = 0; from < leaves.length; from += chunkBytes) {
      let count = loadLeaves(leaves.subarray(from, from + chunkBytes));
      const tiles = count / TILE_WIDTH;
      leafHashes.set(bytes.subarray(HASHES_AT, HASHES_AT + count * HASH_BYTES), hashesTo);
      hashesTo += count * HASH_BYTES;
      // Level upon level, each over the one below it: tiles stand side by side, so their levels end together.
      for (let input = HASHES_AT; count > tiles; input = NODES_AT) {
        count /= 2;
        pairs(input, NODES_AT, groupsOf(count));
      }
      roots.set(bytes.subarray(NODES_AT, NODES_AT + tiles * HASH_BYTES), rootsTo);
      rootsTo += tiles * HASH_BYTES;
    }
  }

  function loadLeaves(chunk: Uint8Array): number {
    const count = chunk.length / LEAF_BYTES;
    bytes.set(chunk, DATA_AT);
    if (count > 0) leafGroups(DATA_AT, HASHES_AT, groupsOf(count));
    return count;
  }

  return { hashPairs, hashLeaves, hashTiles };
}

function groupsOf(count: number): number {
  return Math.ceil(count / LANES);
}
