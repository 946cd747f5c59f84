import { StemmaError } from "../errors.ts";
import { EMPTY_ROOT, HASH_BYTES, nodeHash, plainHasher, type TreeHasher } from "./hash.ts";

/** Told of every complete subtree that an append creates: `hashes` holds roots of level `level`, from index `first` on. */
export type NodeListener = (level: number, first: bigint, hashes: Uint8Array) => void;

/**
 * A tree that only grows, kept as a compact range: the roots of its complete subtrees, at most 64 hashes for any size.
 */
export type Tree = {
  readonly size: bigint;
  readonly append: (leafHash: Uint8Array) => void;
  /**
   * Appends many leaf hashes, `leafHashes` being a multiple of 32 bytes: level by level, so that each level is hashed in one call.
   * `onNodes` also sees the leaf hashes themselves (level 0). The tree never changes what it has handed out, nor may the listener.
   *
   * @throws INVALID_HASH
   */
  readonly appendLeafHashes: (leafHashes: Uint8Array, onNodes?: NodeListener) => void;
  /**
   * Appends the roots of many complete subtrees of `2^level` leaves each, as workers built them. The size MUST be a multiple of
   * `2^level`, else the roots wouldn't be nodes of the tree.
   *
   * @throws INVALID_HASH, SUBTREE_NOT_ALIGNED
   */
  readonly appendSubtrees: (level: number, roots: Uint8Array, onNodes?: NodeListener) => void;
  readonly root: () => Uint8Array;
  /** Roots of the complete subtrees, the largest first. */
  readonly frontier: () => Uint8Array[];
};

/**
 * An empty RFC 9162 tree.
 *
 * @example
 * const tree = createTree();
 * tree.append(leafHash(encodeLeaf("record", hash)));
 * tree.root();
 */
export function createTree(hasher: TreeHasher = plainHasher): Tree {
  return growFrom(0n, [], hasher);
}

/**
 * The tree that {@link Tree.frontier} was taken from.
 *
 * @throws TREE_STATE_INVALID where the frontier doesn't belong to the size, INVALID_HASH
 */
export function restoreTree(
  state: { readonly size: bigint; readonly frontier: readonly Uint8Array[] },
  hasher: TreeHasher = plainHasher,
): Tree {
  const levels = levelsOf(state.size);
  if (levels.length !== state.frontier.length) {
    const given = state.frontier.length;
    throw new StemmaError("TREE_STATE_INVALID", { size: state.size, expected: levels.length, given });
  }
  const subtrees: (Uint8Array | undefined)[] = [];
  levels.forEach((level, i) => {
    subtrees[level] = Uint8Array.from(checkHash(state.frontier[i] ?? new Uint8Array(0), "frontier"));
  });
  return growFrom(state.size, subtrees, hasher);
}

/** Root over leaf hashes. @throws INVALID_HASH */
export function rootOf(leafHashes: readonly Uint8Array[], hasher: TreeHasher = plainHasher): Uint8Array {
  const tree = createTree(hasher);
  for (const hash of leafHashes) tree.append(hash);
  return tree.root();
}

/** Levels of the complete subtrees of a tree, the largest first: the ones in the size's binary form. */
export function levelsOf(size: bigint): number[] {
  const levels: number[] = [];
  for (let level = 0, rest = size; rest > 0n; level++, rest >>= 1n) if (rest & 1n) levels.unshift(level);
  return levels;
}

/** `subtrees[level]` is set exactly where bit `level` of the size is. */
function growFrom(startSize: bigint, subtrees: (Uint8Array | undefined)[], hasher: TreeHasher): Tree {
  let size = startSize;

  function append(leafHash: Uint8Array): void {
    let node = Uint8Array.from(checkHash(leafHash, "leafHash"));
    let level = 0;
    for (let left = subtrees[0]; left; left = subtrees[++level]) {
      node = Uint8Array.from(nodeHash(left, node));
      subtrees[level] = undefined;
    }
    subtrees[level] = node;
    size += 1n;
  }

  function appendSubtrees(level: number, roots: Uint8Array, onNodes?: NodeListener): void {
    if (roots.length % HASH_BYTES !== 0)
      throw new StemmaError("INVALID_HASH", { field: "roots", bytes: roots.length });
    const leaves = 1n << BigInt(level);
    if (size % leaves !== 0n) throw new StemmaError("SUBTREE_NOT_ALIGNED", { size, leaves });
    let first = size / leaves;
    let nodes = roots;
    for (let at = level; nodes.length > 0; at++) {
      onNodes?.(at, first, nodes);
      const left = subtrees[at];
      const run = left ? joined(left, nodes) : nodes;
      const pairBytes = run.length - (run.length % (2 * HASH_BYTES));
      subtrees[at] = pairBytes < run.length ? run.slice(pairBytes) : undefined;
      nodes = new Uint8Array(pairBytes / 2);
      if (pairBytes > 0) hasher.hashPairs(run.subarray(0, pairBytes), nodes);
      first >>= 1n;
    }
    size += BigInt(roots.length / HASH_BYTES) * leaves;
  }

  function root(): Uint8Array {
    let right: Uint8Array | undefined;
    for (const left of subtrees) if (left) right = right ? nodeHash(left, right) : left;
    return Uint8Array.from(right ?? EMPTY_ROOT);
  }

  function frontier(): Uint8Array[] {
    return subtrees.flatMap((subtree) => (subtree ? [Uint8Array.from(subtree)] : [])).reverse();
  }

  return {
    get size() {
      return size;
    },
    append,
    appendLeafHashes: (leafHashes, onNodes) => appendSubtrees(0, leafHashes, onNodes),
    appendSubtrees,
    root,
    frontier,
  };
}

function joined(left: Uint8Array, nodes: Uint8Array): Uint8Array {
  const run = new Uint8Array(left.length + nodes.length);
  run.set(left);
  run.set(nodes, left.length);
  return run;
}

function checkHash(hash: Uint8Array, field: string): Uint8Array {
  if (hash.length !== HASH_BYTES) throw new StemmaError("INVALID_HASH", { field, bytes: hash.length });
  return hash;
}
