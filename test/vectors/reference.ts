import { hash } from "node:crypto";

/**
 * RFC 6962 section 2.1 written down as it is defined, by recursion over slices: slow, and shares no line with protocol/tree. Vectors
 * come from here, so that protocol and contract are checked against the definition and not against themselves.
 */

export const EMPTY = digest(Buffer.alloc(0));

export function leafOf(data: Uint8Array): Buffer {
  return digest(Buffer.concat([Buffer.of(0), data]));
}

export function nodeOf(left: Uint8Array, right: Uint8Array): Buffer {
  return digest(Buffer.concat([Buffer.of(1), left, right]));
}

/** MTH over leaf hashes. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return EMPTY;
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return nodeOf(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function pathOf(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...pathOf(index, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(index - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

/** PROOF(m, D[n]). */
export function proofOf(from: number, leaves: readonly Buffer[]): Buffer[] {
  return subproof(from, leaves, true);
}

function subproof(from: number, leaves: readonly Buffer[], known: boolean): Buffer[] {
  if (from === leaves.length) return known ? [] : [rootOf(leaves)];
  const k = split(leaves.length);
  return from <= k
    ? [...subproof(from, leaves.slice(0, k), known), rootOf(leaves.slice(k))]
    : [...subproof(from - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}

function split(length: number): number {
  let k = 1;
  while (k * 2 < length) k *= 2;
  return k;
}

/** A proof in a tree too large to build: every subtree off the path has a made-up root. */
export function sparsePath(index: bigint, size: bigint, leaf: Buffer): { path: Buffer[]; root: Buffer } {
  if (size === 1n) return { path: [], root: leaf };
  let k = 1n;
  while (k * 2n < size) k *= 2n;
  const sibling = digest(Buffer.from(`subtree ${index} ${size}`));
  if (index < k) {
    const inner = sparsePath(index, k, leaf);
    return { path: [...inner.path, sibling], root: nodeOf(inner.root, sibling) };
  }
  const inner = sparsePath(index - k, size - k, leaf);
  return { path: [...inner.path, sibling], root: nodeOf(sibling, inner.root) };
}

export function digest(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer");
}
