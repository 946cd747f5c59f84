import { digest, leafOf, nodeOf, pathOf, proofOf, rootOf, sparsePath } from "./reference.ts";

/** Leaves of the Certificate Transparency tests, from which the known roots come. */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ENTRY_COUNT = 11;
const SPARSE = [
  { index: 999_999n, size: 1_000_000n },
  { index: 0n, size: 2n ** 32n + 1n },
  { index: 2n ** 32n, size: 2n ** 32n + 1n },
  { index: 2n ** 63n, size: 2n ** 63n + 5n },
  { index: 2n ** 64n - 2n, size: 2n ** 64n - 1n },
];

/** Trees, roots and proofs; sizes and indices as decimal strings, so that no reader rounds them. */
export function treeVectors() {
  const small = LEAVES.map((leaf) => Buffer.from(leaf, "hex"));
  const entries = Array.from({ length: ENTRY_COUNT }, (_, i) =>
    Buffer.concat([Buffer.of((i % 5) + 1), digest(Buffer.from(`entry ${i}`))]),
  );
  return {
    about: "RFC 6962 trees over SHA-256: leaf = H(0x00 || data), node = H(0x01 || left || right)",
    small: wholeTree(small),
    entries: wholeTree(entries),
    large: SPARSE.map(({ index, size }) => {
      const leaf = Buffer.concat([Buffer.of(1), digest(Buffer.from(`leaf ${index}`))]);
      const { path, root } = sparsePath(index, size, leafOf(leaf));
      return { index: `${index}`, size: `${size}`, leaf: hex(leaf), root: hex(root), path: path.map(hex) };
    }),
    refusedInclusion: refusedInclusion(small),
    refusedConsistency: refusedConsistency(small),
  };
}

function wholeTree(data: readonly Buffer[]) {
  const leaves = data.map(leafOf);
  const sizes = Array.from({ length: leaves.length + 1 }, (_, size) => size);
  return {
    leaves: data.map(hex),
    leafHashes: leaves.map(hex),
    roots: sizes.map((size) => hex(rootOf(leaves.slice(0, size)))),
    inclusion: sizes.flatMap((size) =>
      leaves.slice(0, size).map((_, index) => ({
        index: `${index}`,
        size: `${size}`,
        path: pathOf(index, leaves.slice(0, size)).map(hex),
      })),
    ),
    consistency: sizes.slice(1).flatMap((to) =>
      sizes.slice(1, to + 1).map((from) => ({
        fromSize: `${from}`,
        toSize: `${to}`,
        path: proofOf(from, leaves.slice(0, to)).map(hex),
      })),
    ),
  };
}

function refusedInclusion(data: readonly Buffer[]) {
  const leaves = data.map(leafOf);
  const [first = Buffer.alloc(32), second = Buffer.alloc(32)] = leaves;
  const root = hex(rootOf(leaves));
  const path = pathOf(5, leaves);
  const claim = { index: "5", size: "8", leafHash: hex(leaves[5] ?? first), root, path: path.map(hex) };
  return [
    { why: "path too short", ...claim, path: path.slice(0, -1).map(hex) },
    { why: "path too long", ...claim, path: [...path, first].map(hex) },
    { why: "path empty", ...claim, path: [] },
    { why: "path in the wrong order", ...claim, path: path.toReversed().map(hex) },
    { why: "another index", ...claim, index: "4" },
    { why: "index is the size", ...claim, index: "8" },
    { why: "a size of another shape", ...claim, size: "9" },
    { why: "size zero", ...claim, index: "0", size: "0", path: [] },
    { why: "another leaf", ...claim, leafHash: hex(first) },
    { why: "another root", ...claim, root: hex(first) },
    { why: "a flipped bit", ...claim, path: path.map((hash, i) => hex(i === 1 ? flip(hash) : hash)) },
    // The parent of leaves 0 and 1, offered as a leaf of the tree of half the size.
    {
      why: "an inner node as a leaf",
      ...claim,
      index: "0",
      leafHash: hex(leafOf(nodeOf(first, second))),
      size: "4",
      path: path.slice(1).map(hex),
    },
  ];
}

function refusedConsistency(data: readonly Buffer[]) {
  const leaves = data.map(leafOf);
  const path = proofOf(3, leaves.slice(0, 7));
  const root = (size: number) => hex(rootOf(leaves.slice(0, size)));
  const claim = { fromSize: "3", fromRoot: root(3), toSize: "7", toRoot: root(7), path: path.map(hex) };
  return [
    { why: "path too short", ...claim, path: path.slice(0, -1).map(hex) },
    { why: "path too long", ...claim, path: [...path, path[0] ?? Buffer.alloc(32)].map(hex) },
    { why: "path empty", ...claim, path: [] },
    { why: "another old size", ...claim, fromSize: "4" },
    { why: "a new size of another shape", ...claim, toSize: "9" },
    { why: "another old root", ...claim, fromRoot: root(4) },
    { why: "another new root", ...claim, toRoot: root(8) },
    {
      why: "sizes the wrong way round",
      ...claim,
      fromSize: "7",
      fromRoot: root(7),
      toSize: "3",
      toRoot: root(3),
    },
    { why: "from nothing", ...claim, fromSize: "0", fromRoot: root(0) },
    { why: "from nothing, path empty", ...claim, fromSize: "0", fromRoot: root(0), path: [] },
    { why: "same size, other roots", ...claim, toSize: "3", toRoot: root(7), path: [] },
    { why: "same size with a path", ...claim, toSize: "3", toRoot: root(3), path: path.slice(0, 1).map(hex) },
    { why: "power of two, path empty", ...claim, fromSize: "4", fromRoot: root(4), path: [] },
    { why: "a flipped bit", ...claim, path: path.map((hash, i) => hex(i === 2 ? flip(hash) : hash)) },
  ];
}

function flip(hash: Buffer): Buffer {
  const flipped = Buffer.from(hash);
  flipped[17] = (flipped[17] ?? 0) ^ 0x10;
  return flipped;
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
