import { equalBytes } from "../bytes.ts";
import { HASH_BYTES, nodeHash } from "./hash.ts";

export type ConsistencyClaim = {
  readonly fromSize: bigint;
  readonly fromRoot: Uint8Array;
  readonly toSize: bigint;
  readonly toRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/**
 * True where the second tree extends the first one: RFC 9162 section 2.1.4.2. A first size of 0 is refused, because an empty tree says
 * nothing; a path of the wrong length or with anything but 32-byte hashes is refused, never thrown at.
 */
export function verifyConsistency({ fromSize, fromRoot, toSize, toRoot, path }: ConsistencyClaim): boolean {
  if (fromSize < 1n || fromSize > toSize) return false;
  if (path.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (fromSize === toSize) return path.length === 0 && equalBytes(fromRoot, toRoot);
  const isPowerOfTwo = (fromSize & (fromSize - 1n)) === 0n;
  const [seed, ...rest] = isPowerOfTwo && path.length > 0 ? [fromRoot, ...path] : path;
  if (!seed) return false;
  let fn = fromSize - 1n;
  let sn = toSize - 1n;
  while (isOdd(fn)) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let fromNode = seed;
  let toNode = seed;
  for (const hash of rest) {
    if (sn === 0n) return false;
    if (isOdd(fn) || fn === sn) {
      fromNode = nodeHash(hash, fromNode);
      toNode = nodeHash(hash, toNode);
      while (!isOdd(fn) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      toNode = nodeHash(toNode, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(fromNode, fromRoot) && equalBytes(toNode, toRoot);
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n;
}
