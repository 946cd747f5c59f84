import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MerkleTree } from "merkletreejs";
import { z } from "zod";
import { bytesToHex, equalBytes } from "../../protocol/bytes.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { verifyConsistency } from "../../protocol/tree/consistency.ts";
import { EMPTY_ROOT, leafHash } from "../../protocol/tree/hash.ts";
import { verifyInclusion } from "../../protocol/tree/inclusion.ts";
import { consistencyPath, inclusionPath, type ReadNode } from "../../protocol/tree/paths.ts";
import { createTree, restoreTree, rootOf } from "../../protocol/tree/tree.ts";
import { leafOf, pathOf, proofOf, rootOf as referenceRoot } from "../vectors/reference.ts";
import { bytesOf, hexField, pathField, readVectors, sizeField } from "./readVectors.ts";

const wholeTree = z.object({
  leaves: z.array(hexField).min(8),
  leafHashes: z.array(hexField),
  roots: z.array(hexField),
  inclusion: z.array(z.object({ index: sizeField, size: sizeField, path: pathField })).min(36),
  consistency: z.array(z.object({ fromSize: sizeField, toSize: sizeField, path: pathField })).min(36),
});
const vectors = readVectors(
  "tree.json",
  z.object({
    small: wholeTree,
    entries: wholeTree,
    large: z
      .array(z.object({ index: sizeField, size: sizeField, leaf: hexField, root: hexField, path: pathField }))
      .min(5),
    refusedInclusion: z
      .array(
        z.object({
          why: z.string(),
          index: sizeField,
          size: sizeField,
          leafHash: hexField,
          root: hexField,
          path: pathField,
        }),
      )
      .min(10),
    refusedConsistency: z
      .array(
        z.object({
          why: z.string(),
          fromSize: sizeField,
          fromRoot: hexField,
          toSize: sizeField,
          toRoot: hexField,
          path: pathField,
        }),
      )
      .min(10),
  }),
);

/** Roots that the Certificate Transparency implementations agree on for the leaves of tree.json's small tree. */
const KNOWN_ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const MAX_SIZE = 70;
const LEAVES = Array.from({ length: 600 }, (_, i) => leafOf(Buffer.from(`leaf ${i}`)));
const ROOTS = Array.from({ length: MAX_SIZE + 1 }, (_, size) => referenceRoot(LEAVES.slice(0, size)));
const rootAt = (size: number): Uint8Array => ROOTS[size] ?? EMPTY_ROOT;

const nodes = new Map<string, Uint8Array>();
const readNode: ReadNode = async (level, index) => {
  const known = nodes.get(`${level}/${index}`);
  if (known) return known;
  const width = 1 << level;
  const node = rootOf(LEAVES.slice(Number(index) * width, (Number(index) + 1) * width));
  nodes.set(`${level}/${index}`, node);
  return node;
};

const arbitraryLeaves = fc.array(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes)),
  { maxLength: 130 },
);

function flat(hashes: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat([...hashes]));
}

/** Every way to spoil one bit at random, given by three numbers. */
function flipBit(path: readonly Uint8Array[], which: number, bit: number): Uint8Array[] {
  return path.map((node, i) => {
    if (i !== which % path.length) return node;
    const flipped = Uint8Array.from(node);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return flipped;
  });
}

describe("tree vectors", () => {
  test("the known roots of RFC 6962 trees come out", () => {
    const leaves = vectors.small.leaves.map((leaf) => leafHash(bytesOf(leaf)));
    KNOWN_ROOTS.forEach((root, size) => {
      assert.equal(bytesToHex(rootOf(leaves.slice(0, size))), `0x${root}`);
      assert.equal(vectors.small.roots[size], `0x${root}`);
    });
    const known = vectors.small.inclusion.find(({ index, size }) => index === 5n && size === 8n);
    assert.deepEqual(
      known?.path.map((node) => bytesToHex(node).slice(0, 10)),
      ["0xbc1a0643", "0xca854ea1", "0xd37ee418"],
    );
    const grown = vectors.small.consistency.find(({ fromSize, toSize }) => fromSize === 3n && toSize === 7n);
    assert.deepEqual(
      grown?.path.map((node) => bytesToHex(node).slice(0, 10)),
      ["0x0298d122", "0x07506a85", "0xfac54203", "0x837dbb15"],
    );
  });

  for (const name of ["small", "entries"] as const) {
    test(`every hash, root and proof of the tree "${name}" holds`, () => {
      const tree = vectors[name];
      const leaves = tree.leafHashes.map(bytesOf);
      const roots = tree.roots.map(bytesOf);
      assert.deepEqual(
        tree.leaves.map((leaf) => leafHash(bytesOf(leaf))),
        leaves,
      );
      for (const [size, root] of roots.entries()) assert.deepEqual(rootOf(leaves.slice(0, size)), root);
      for (const { index, size, path } of tree.inclusion) {
        const claim = {
          leafHash: leaves[Number(index)] ?? EMPTY_ROOT,
          root: roots[Number(size)] ?? EMPTY_ROOT,
        };
        assert.ok(verifyInclusion({ ...claim, index, size, path }), `${index} of ${size}`);
      }
      for (const { fromSize, toSize, path } of tree.consistency) {
        const fromRoot = roots[Number(fromSize)] ?? EMPTY_ROOT;
        const toRoot = roots[Number(toSize)] ?? EMPTY_ROOT;
        assert.ok(
          verifyConsistency({ fromSize, fromRoot, toSize, toRoot, path }),
          `${fromSize} to ${toSize}`,
        );
      }
    });
  }

  test("proofs hold up to the largest sizes", () => {
    for (const { index, size, leaf, root, path } of vectors.large) {
      const claim = { leafHash: leafHash(bytesOf(leaf)), index, size, path, root: bytesOf(root) };
      assert.ok(verifyInclusion(claim), `${index} of ${size}`);
      assert.ok(!verifyInclusion({ ...claim, index: index ^ 1n }));
      assert.ok(!verifyInclusion({ ...claim, path: path.slice(1) }));
    }
  });

  for (const { why, index, size, leafHash: leaf, root, path } of vectors.refusedInclusion) {
    test(`refuses an inclusion proof: ${why}`, () => {
      assert.equal(
        verifyInclusion({ leafHash: bytesOf(leaf), index, size, path, root: bytesOf(root) }),
        false,
      );
    });
  }

  for (const { why, fromSize, fromRoot, toSize, toRoot, path } of vectors.refusedConsistency) {
    test(`refuses a consistency proof: ${why}`, () => {
      const roots = { fromRoot: bytesOf(fromRoot), toRoot: bytesOf(toRoot) };
      assert.equal(verifyConsistency({ fromSize, toSize, path, ...roots }), false);
    });
  }
});

describe("tree", () => {
  test("is merkletreejs's with SHA-256 and odd nodes promoted", () => {
    const concat = (values: Buffer[]) => hash("sha256", Buffer.concat([Buffer.of(1), ...values]), "buffer");
    const toBuffer = (value: unknown) => (Buffer.isBuffer(value) ? value : Buffer.alloc(0));
    fc.assert(
      fc.property(
        arbitraryLeaves.filter((leaves) => leaves.length > 0),
        (leaves) => {
          const twin = new MerkleTree(
            leaves.map((leaf) => Buffer.from(leaf)),
            // It hashes the two children joined; the prefix goes in front here.
            (value: unknown) => concat([toBuffer(value)]),
            { hashLeaves: false, sortPairs: false, duplicateOdd: false },
          );
          assert.equal(bytesToHex(rootOf(leaves)), `0x${twin.getRoot().toString("hex")}`);
        },
      ),
    );
  });

  test("is the tree of the RFC's definition", () => {
    fc.assert(
      fc.property(arbitraryLeaves, (leaves) => {
        assert.deepEqual(Buffer.from(rootOf(leaves)), referenceRoot(leaves.map((leaf) => Buffer.from(leaf))));
      }),
    );
  });

  test("doesn't depend on how leaves are batched", () => {
    fc.assert(
      fc.property(arbitraryLeaves, fc.array(fc.nat(40), { maxLength: 8 }), (leaves, cuts) => {
        const tree = createTree();
        let from = 0;
        for (const cut of [...cuts, leaves.length]) {
          const to = Math.min(leaves.length, from + cut);
          tree.appendLeafHashes(flat(leaves.slice(from, to)));
          from = to;
        }
        assert.equal(tree.size, BigInt(leaves.length));
        assert.deepEqual(tree.root(), rootOf(leaves));
      }),
    );
  });

  test("goes on from its frontier as if it had never stopped", () => {
    fc.assert(
      fc.property(arbitraryLeaves, arbitraryLeaves, (before, after) => {
        const first = createTree();
        first.appendLeafHashes(flat(before));
        const restored = restoreTree({ size: first.size, frontier: first.frontier() });
        for (const leaf of after) restored.append(leaf);
        assert.deepEqual(restored.root(), rootOf([...before, ...after]));
        assert.equal(restored.frontier().length, restored.size.toString(2).replaceAll("0", "").length);
      }),
    );
  });

  test("takes whole subtrees where they are aligned, and only there", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.nat(6), fc.nat(6), (level, before, count) => {
        const width = 1 << level;
        const leaves = LEAVES.slice(0, (before + count) * width);
        const tree = createTree();
        tree.appendLeafHashes(flat(leaves.slice(0, before * width)));
        const subtrees = Array.from({ length: count }, (_, i) =>
          rootOf(leaves.slice((before + i) * width, (before + i + 1) * width)),
        );
        tree.appendSubtrees(level, flat(subtrees));
        assert.equal(tree.size, BigInt(leaves.length));
        assert.deepEqual(tree.root(), rootOf(leaves));
      }),
    );
    const odd = restoreTree({ size: 1n, frontier: [new Uint8Array(32)] });
    assert.throws(
      () => odd.appendSubtrees(1, new Uint8Array(32)),
      (error) => isStemmaError(error, "SUBTREE_NOT_ALIGNED"),
    );
  });

  test("depends on the order of its leaves", () => {
    fc.assert(
      fc.property(
        arbitraryLeaves.filter((leaves) => leaves.length > 1),
        fc.nat(),
        (leaves, seed) => {
          const i = seed % (leaves.length - 1);
          const [left = EMPTY_ROOT, right = EMPTY_ROOT] = leaves.slice(i, i + 2);
          const swapped = [...leaves.slice(0, i), right, left, ...leaves.slice(i + 2)];
          const isSame = equalBytes(left, right);
          assert.equal(equalBytes(rootOf(leaves), rootOf(swapped)), isSame);
        },
      ),
    );
  });

  test("hands out copies: changing them changes nothing", () => {
    const tree = createTree();
    const leaf = Uint8Array.from(LEAVES[0] ?? EMPTY_ROOT);
    tree.append(leaf);
    const before = bytesToHex(tree.root());
    leaf.fill(0);
    tree.root().fill(0);
    for (const node of tree.frontier()) node.fill(0);
    assert.equal(bytesToHex(tree.root()), before);
    createTree().root().fill(0);
    assert.equal(bytesToHex(createTree().root()), `0x${KNOWN_ROOTS[0]}`);
  });

  test("refuses hashes of the wrong length and a frontier of another size", () => {
    assert.throws(
      () => createTree().append(new Uint8Array(31)),
      (error) => isStemmaError(error, "INVALID_HASH"),
    );
    assert.throws(
      () => createTree().appendLeafHashes(new Uint8Array(33)),
      (error) => isStemmaError(error, "INVALID_HASH"),
    );
    assert.throws(
      () => restoreTree({ size: 3n, frontier: [new Uint8Array(32)] }),
      (error) => isStemmaError(error, "TREE_STATE_INVALID"),
    );
    assert.throws(
      () => restoreTree({ size: 1n, frontier: [new Uint8Array(1)] }),
      (error) => isStemmaError(error, "INVALID_HASH"),
    );
  });
});

describe("proofs", () => {
  test(`paths are the RFC's and verify for every index and size up to ${MAX_SIZE}`, async () => {
    for (let size = 1; size <= MAX_SIZE; size++) {
      for (let index = 0; index < size; index++) {
        const path = await inclusionPath(BigInt(index), BigInt(size), readNode);
        assert.deepEqual(path.map(bytesToHex), pathOf(index, LEAVES.slice(0, size)).map(bytesToHex));
        const leaf = LEAVES[index] ?? EMPTY_ROOT;
        assert.ok(
          verifyInclusion({
            leafHash: leaf,
            index: BigInt(index),
            size: BigInt(size),
            path,
            root: rootAt(size),
          }),
        );
      }
      for (let from = 1; from <= size; from++) {
        const path = await consistencyPath(BigInt(from), BigInt(size), readNode);
        assert.deepEqual(path.map(bytesToHex), proofOf(from, LEAVES.slice(0, size)).map(bytesToHex));
        const roots = { fromRoot: rootAt(from), toRoot: rootAt(size) };
        assert.ok(verifyConsistency({ fromSize: BigInt(from), toSize: BigInt(size), path, ...roots }));
      }
    }
  });

  test("an inclusion proof holds for one leaf, index, size, path and root only", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 600 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        async (size, at, which, bit) => {
          const index = BigInt(at % size);
          const path = await inclusionPath(index, BigInt(size), readNode);
          const leaf = LEAVES[Number(index)] ?? EMPTY_ROOT;
          const root = rootOf(LEAVES.slice(0, size));
          const claim = { leafHash: leaf, index, size: BigInt(size), path, root };
          assert.ok(verifyInclusion(claim));
          const extra = LEAVES[which % LEAVES.length] ?? EMPTY_ROOT;
          const spoilt = [
            { ...claim, path: [...path, extra] },
            { ...claim, path: [extra, ...path] },
            { ...claim, index: index + 1n + BigInt(which % 700) },
            { ...claim, index: -1n },
            { ...claim, leafHash: flipBit([leaf], 0, bit)[0] ?? leaf },
            { ...claim, root: flipBit([root], 0, bit)[0] ?? root },
            { ...claim, leafHash: leaf.subarray(1) },
            ...(path.length > 0
              ? [
                  { ...claim, path: flipBit(path, which, bit) },
                  { ...claim, path: path.slice(1) },
                  { ...claim, path: path.slice(0, -1) },
                  { ...claim, path: path.with(which % path.length, new Uint8Array(31)) },
                ]
              : []),
          ];
          for (const other of spoilt) assert.equal(verifyInclusion(other), false);
        },
      ),
    );
  });

  test("a consistency proof holds for its two sizes, roots and path only", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 600 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        async (toSize, at, which, bit) => {
          const fromSize = 1 + (at % (toSize - 1));
          const path = await consistencyPath(BigInt(fromSize), BigInt(toSize), readNode);
          const fromRoot = rootOf(LEAVES.slice(0, fromSize));
          const toRoot = rootOf(LEAVES.slice(0, toSize));
          const claim = { fromSize: BigInt(fromSize), fromRoot, toSize: BigInt(toSize), toRoot, path };
          assert.ok(verifyConsistency(claim));
          const extra = LEAVES[which % LEAVES.length] ?? EMPTY_ROOT;
          const spoilt = [
            { ...claim, path: flipBit(path, which, bit) },
            { ...claim, path: path.slice(1) },
            { ...claim, path: path.slice(0, -1) },
            { ...claim, path: [...path, extra] },
            { ...claim, path: [extra, ...path] },
            { ...claim, path: [] },
            { ...claim, path: path.with(which % path.length, new Uint8Array(33)) },
            { ...claim, fromRoot: flipBit([fromRoot], 0, bit)[0] ?? fromRoot },
            { ...claim, toRoot: flipBit([toRoot], 0, bit)[0] ?? toRoot },
            { ...claim, fromSize: 0n },
            { ...claim, fromSize: BigInt(toSize) + 1n },
            { ...claim, fromSize: BigInt(toSize) },
          ];
          for (const other of spoilt) assert.equal(verifyConsistency(other), false);
        },
      ),
    );
  });

  test("says what can't be proved", async () => {
    await assert.rejects(inclusionPath(5n, 5n, readNode), (error) =>
      isStemmaError(error, "INDEX_OUT_OF_RANGE"),
    );
    await assert.rejects(inclusionPath(-1n, 5n, readNode), (error) =>
      isStemmaError(error, "INDEX_OUT_OF_RANGE"),
    );
    await assert.rejects(consistencyPath(0n, 5n, readNode), (error) =>
      isStemmaError(error, "SIZE_OUT_OF_RANGE"),
    );
    await assert.rejects(consistencyPath(6n, 5n, readNode), (error) =>
      isStemmaError(error, "SIZE_OUT_OF_RANGE"),
    );
    assert.deepEqual(await consistencyPath(5n, 5n, readNode), []);
  });
});
