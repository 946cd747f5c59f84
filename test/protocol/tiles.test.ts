import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isStemmaError } from "../../protocol/errors.ts";
import {
  entriesPath,
  nodeInTile,
  parseTilePath,
  partialTiles,
  readNodeFromTiles,
  tileOfNode,
  tilePath,
  tileWidth,
} from "../../protocol/tiles.ts";
import { rootOf } from "../../protocol/tree/tree.ts";
import { leafOf } from "../vectors/reference.ts";

describe("tile paths", () => {
  test("group the index in threes, with an x before all groups but the last", () => {
    assert.equal(tilePath(0, 1_234_067n), "tile/0/x001/x234/067");
    assert.equal(tilePath(3, 0n), "tile/3/000");
    assert.equal(tilePath(0, 1_000n, 112), "tile/0/x001/000.p/112");
    assert.equal(entriesPath(273n, 112), "tile/entries/273.p/112");
    assert.equal(tilePath(63, 2n ** 64n - 1n), "tile/63/x018/x446/x744/x073/x709/x551/615");
  });

  test("are read back to what they name", () => {
    fc.assert(
      fc.property(
        fc.nat(63),
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          assert.deepEqual(parseTilePath(tilePath(level, index, width)), { level, index, width });
          assert.deepEqual(parseTilePath(entriesPath(index, width)), { level: "entries", index, width });
        },
      ),
    );
  });

  test("are refused in any form but the one", () => {
    const refused = [
      "",
      "tile/0/1",
      "tile/0/0001",
      "tile/00/001",
      "tile/64/001",
      "tile/-1/001",
      "tile/0/x000/001",
      "tile/0/001/002",
      "tile/0/x001",
      "tile/0/001.p/0",
      "tile/0/001.p/256",
      "tile/0/001.p/01",
      "tile/0/001.p/",
      "/tile/0/001",
      "tile/0/001/",
      "tile/0/../001",
      "tile/entry/001",
      "tile/0/x018/x446/x744/x073/x709/x551/616",
      "tile/0/x001/x018/x446/x744/x073/x709/x551/615",
    ];
    for (const path of refused) {
      assert.throws(
        () => parseTilePath(path),
        (error) => isStemmaError(error, "TILE_PATH_INVALID"),
        path,
      );
    }
  });
});

describe("tile layout", () => {
  test("gives the tiles of the specification's examples", () => {
    assert.deepEqual(partialTiles(70_000n), [
      { level: 0, index: 273n, width: 112 },
      { level: 1, index: 1n, width: 17 },
      { level: 2, index: 0n, width: 1 },
    ]);
    assert.deepEqual(partialTiles(256n), [{ level: 1, index: 0n, width: 1 }]);
    assert.deepEqual(partialTiles(0n), []);
    assert.equal(tileWidth(0, 272n, 70_000n), 256);
    assert.equal(tileWidth(0, 273n, 70_000n), 112);
    assert.equal(tileWidth(0, 274n, 70_000n), 0);
    assert.equal(tileWidth(1, 0n, 70_000n), 256);
    assert.equal(tileWidth(2, 0n, 65_535n), 0);
  });

  test("finds every node in one tile", () => {
    assert.deepEqual(tileOfNode(0, 1_000n), { level: 0, index: 3n, offset: 232, count: 1 });
    assert.deepEqual(tileOfNode(7, 3n), { level: 0, index: 1n, offset: 128, count: 128 });
    assert.deepEqual(tileOfNode(8, 3n), { level: 1, index: 0n, offset: 3, count: 1 });
    assert.deepEqual(tileOfNode(17, 300n), { level: 2, index: 2n, offset: 88, count: 2 });
  });

  test("gives a node's hash from its tile, however high it stands", () => {
    const leaves = Array.from({ length: 256 }, (_, i) => leafOf(Buffer.from(`leaf ${i}`)));
    const tile = { width: 256, hashes: Uint8Array.from(Buffer.concat(leaves)) };
    fc.assert(
      fc.property(fc.nat(7), fc.nat(255), (level, at) => {
        const count = 1 << level;
        const index = Math.floor(at / count);
        const expected = rootOf(leaves.slice(index * count, (index + 1) * count));
        assert.deepEqual(nodeInTile(tile, level, BigInt(index)), expected);
      }),
    );
  });

  test("refuses a node that its tile doesn't reach, or a tile of the wrong length", () => {
    const tile = { width: 3, hashes: new Uint8Array(96) };
    for (const broken of [tile, { width: 4, hashes: new Uint8Array(96) }]) {
      assert.throws(
        () => nodeInTile(broken, 1, 1n),
        (error) => isStemmaError(error, "TILE_MISSING"),
      );
    }
  });

  test("reads each tile once for a proof", async () => {
    let reads = 0;
    const readNode = readNodeFromTiles(async () => {
      reads += 1;
      return { width: 256, hashes: new Uint8Array(8_192) };
    });
    await Promise.all([readNode(0, 1n), readNode(3, 0n), readNode(0, 255n), readNode(7, 1n)]);
    assert.equal(reads, 1);
    await readNode(0, 256n);
    assert.equal(reads, 2);
    await assert.rejects(readNodeFromTiles(async () => null)(0, 0n), (error) =>
      isStemmaError(error, "TILE_MISSING"),
    );
  });
});
