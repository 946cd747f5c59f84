import { bytesToHex, type Hex } from "../../../protocol/bytes.ts";
import { leafHash } from "../../../protocol/tree/hash.ts";
import { consistencyPath, inclusionPath, type ReadNode } from "../../../protocol/tree/paths.ts";
import { createTree } from "../../../protocol/tree/tree.ts";

/** A tree with all of its nodes in memory, for proofs of any kind. */
export type WholeTree = {
  root(size: number): Hex;
  inclusion(index: number, size: number): Promise<Hex[]>;
  consistency(from: number, to: number): Promise<Hex[]>;
};

/** Leaf data of entry `index`: the kind of a record and 32 bytes that depend on the index and the seed. */
export function leafData(index: number, seed = 0): Uint8Array {
  const data = new Uint8Array(33);
  data[0] = 1;
  new DataView(data.buffer).setUint32(1, index);
  data[32] = seed;
  return data;
}

/** Builds the tree of `size` entries once, keeping each complete subtree's root and the tree's root at `checkpoints`. */
export function buildTree(size: number, checkpoints: readonly number[] = [size], seed = 0): WholeTree {
  const wanted = new Set(checkpoints);
  const roots = new Map<number, Hex>();
  const tree = createTree();
  const leaves: Uint8Array[] = [];
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(leafData(i, seed));
    leaves.push(leaf);
    tree.append(leaf);
    if (wanted.has(i + 1)) roots.set(i + 1, bytesToHex(tree.root()));
  }
  const nodes = new Map<string, Uint8Array>();
  const readNode: ReadNode = async (level, index) => {
    const key = `${level}/${index}`;
    const known = nodes.get(key);
    if (known) return known;
    const width = 2 ** level;
    const subtree = createTree();
    for (const leaf of leaves.slice(Number(index) * width, (Number(index) + 1) * width)) subtree.append(leaf);
    const node = subtree.root();
    nodes.set(key, node);
    return node;
  };
  const path = async (hashes: Promise<Uint8Array[]>) => (await hashes).map(bytesToHex);
  return {
    root(at) {
      const root = roots.get(at);
      if (!root) throw new Error(`no checkpoint at ${at}`);
      return root;
    },
    inclusion: (index, at) => path(inclusionPath(BigInt(index), BigInt(at), readNode)),
    consistency: (from, to) => path(consistencyPath(BigInt(from), BigInt(to), readNode)),
  };
}
