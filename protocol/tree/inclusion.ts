import { equalBytes } from "../bytes.ts";
import { HASH_BYTES, nodeHash } from "./hash.ts";

export type InclusionClaim = {
  readonly leafHash: Uint8Array;
  readonly index: bigint;
  readonly size: bigint;
  /** The leaf's sibling first, the root's child last. */
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/**
 * True where the leaf stands at `index` of the tree with this size and root: RFC 9162 section 2.1.3.2. A path that is too long, too short
 * or holds anything but 32-byte hashes is refused, never thrown at.
 */
export function verifyInclusion({ leafHash, index, size, path, root }: InclusionClaim): boolean {
  if (index < 0n || index >= size) return false;
  if (leafHash.length !== HASH_BYTES || path.some((hash) => hash.length !== HASH_BYTES)) return false;
  let fn = index;
  let sn = size - 1n;
  let node = leafHash;
  for (const sibling of path) {
    if (sn === 0n) return false;
    if (isOdd(fn) || fn === sn) {
      node = nodeHash(sibling, node);
      while (!isOdd(fn) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      node = nodeHash(node, sibling);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(node, root);
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n;
}
