import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createHasher } from "../../../indexer/log/createHasher.ts";
import { createPlainHasher, type LogHasher } from "../../../indexer/log/hasher.ts";
import { createLogBuilder, encodeLeaves, type LogBuilder } from "../../../indexer/log/logBuilder.ts";
import type { LogBatch, PendingEntry, Tile } from "../../../indexer/model/log.ts";
import { utf8 } from "../../../protocol/bytes.ts";
import { isStemmaError } from "../../../protocol/errors.ts";
import { sha256 } from "../../../protocol/hash.ts";
import { type EntryKind, encodeLeaf } from "../../../protocol/leaf.ts";
import { partialTiles, type ReadTile, readNodeFromTiles, tileWidth } from "../../../protocol/tiles.ts";
import { verifyConsistency } from "../../../protocol/tree/consistency.ts";
import { EMPTY_ROOT, leafHash } from "../../../protocol/tree/hash.ts";
import { verifyInclusion } from "../../../protocol/tree/inclusion.ts";
import { consistencyPath, inclusionPath } from "../../../protocol/tree/paths.ts";
import { createTree, rootOf } from "../../../protocol/tree/tree.ts";

const KINDS: readonly EntryKind[] = ["record", "event", "access", "erasure", "endorsement"];

function entriesFrom(first: number, count: number): PendingEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    sourceId: BigInt(first + i),
    kind: KINDS[(first + i) % KINDS.length] ?? "record",
    hash: sha256(utf8(`entry ${first + i}`)),
  }));
}

function leafHashesOf(entries: readonly PendingEntry[]): Uint8Array[] {
  return entries.map(({ kind, hash }) => leafHash(encodeLeaf(kind, hash)));
}

/** What a store keeps: the widest tile of each address, and nothing unless it is written. */
function createTileShelf() {
  const tiles = new Map<string, Tile>();
  const readTile: ReadTile = async (level, index) => tiles.get(`${level}/${index}`) ?? null;
  function write(batch: Pick<LogBatch, "tiles">): void {
    for (const tile of batch.tiles) {
      const stored = tiles.get(`${tile.level}/${tile.index}`);
      assert.ok(!stored || stored.width < tile.width, "a batch holds only tiles that are new or wider");
      assert.equal(tile.hashes.length, tile.width * 32);
      tiles.set(`${tile.level}/${tile.index}`, { ...tile, hashes: Uint8Array.from(tile.hashes) });
    }
  }
  return { tiles, readTile, write };
}

async function appendAll(
  builder: LogBuilder,
  shelf: ReturnType<typeof createTileShelf>,
  counts: readonly number[],
) {
  for (const count of counts) {
    shelf.write(await builder.append(entriesFrom(Number(builder.size), count), 1));
    builder.commit();
  }
}

const fresh = (hasher: LogHasher, readTile: ReadTile) =>
  createLogBuilder({ hasher }, { state: { size: 0n, root: EMPTY_ROOT }, readTile });

describe("log builder", () => {
  test("gives the tree of protocol, whatever the batches are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(700), { maxLength: 6 }), async (counts) => {
        const shelf = createTileShelf();
        const builder = await fresh(await createHasher(), shelf.readTile);
        await appendAll(builder, shelf, counts);
        const total = counts.reduce((sum, count) => sum + count, 0);
        assert.equal(builder.size, BigInt(total));
        assert.deepEqual(builder.root, rootOf(leafHashesOf(entriesFrom(0, total))));
      }),
      { numRuns: 40 },
    );
  });

  test("leaves exactly the tiles of its size, full ones without gaps", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(900), { minLength: 1, maxLength: 4 }), async (counts) => {
        const shelf = createTileShelf();
        const builder = await fresh(await createHasher(), shelf.readTile);
        await appendAll(builder, shelf, counts);
        for (const tile of shelf.tiles.values()) {
          assert.equal(tile.width, tileWidth(tile.level, tile.index, builder.size));
        }
        for (const { level, index } of partialTiles(builder.size)) {
          for (let i = 0n; i <= index; i++) assert.ok(shelf.tiles.has(`${level}/${i}`));
        }
      }),
      { numRuns: 25 },
    );
  });

  test("goes on from stored tiles as if it had never stopped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(600), { minLength: 2, maxLength: 6 }), async (counts) => {
        const shelf = createTileShelf();
        const steady = await fresh(await createHasher(), shelf.readTile);
        const restarted = createTileShelf();
        let state = { size: 0n, root: EMPTY_ROOT };
        for (const count of counts) {
          await appendAll(steady, shelf, [count]);
          const builder = await createLogBuilder(
            { hasher: await createHasher() },
            { state, readTile: restarted.readTile },
          );
          await appendAll(builder, restarted, [count]);
          state = { size: builder.size, root: builder.root };
        }
        assert.deepEqual(state.root, steady.root);
        assert.deepEqual(restarted.tiles, shelf.tiles);
      }),
      { numRuns: 25 },
    );
  });

  test("forgets an append that was never committed", async () => {
    const shelf = createTileShelf();
    const builder = await fresh(createPlainHasher(), shelf.readTile);
    await appendAll(builder, shelf, [300]);
    const before = builder.root;
    await builder.append(entriesFrom(9_000, 513), 1);
    assert.equal(builder.size, 300n);
    assert.deepEqual(builder.root, before);
    const batch = await builder.append(entriesFrom(300, 513), 2);
    assert.equal(batch.firstIndex, 300n);
    assert.deepEqual(batch.root, rootOf(leafHashesOf(entriesFrom(0, 813))));
  });

  test("refuses two appends at the same time", async () => {
    const builder = await fresh(createPlainHasher(), async () => null);
    const first = builder.append(entriesFrom(0, 600), 1);
    await assert.rejects(builder.append(entriesFrom(0, 1), 1), (error) =>
      isStemmaError(error, "ASSERTION_FAILED"),
    );
    await first;
  });

  test("refuses a stored state that its tiles contradict", async () => {
    const shelf = createTileShelf();
    const builder = await fresh(createPlainHasher(), shelf.readTile);
    await appendAll(builder, shelf, [300]);
    const open = (size: bigint, root: Uint8Array) =>
      createLogBuilder({ hasher: createPlainHasher() }, { state: { size, root }, readTile: shelf.readTile });
    await assert.rejects(open(300n, EMPTY_ROOT), (error) => isStemmaError(error, "LOG_STATE_DAMAGED"));
    await assert.rejects(open(299n, builder.root), (error) => isStemmaError(error, "LOG_STATE_DAMAGED"));
    await assert.rejects(open(301n, builder.root), (error) => isStemmaError(error, "TILE_MISSING"));
  });

  test("refuses an entry of an unknown kind or with a short hash", () => {
    const hash = new Uint8Array(32);
    const unknown = JSON.parse('"rumour"');
    assert.throws(
      () => encodeLeaves([{ kind: unknown, hash }]),
      (error) => isStemmaError(error, "INVALID_LEAF"),
    );
    assert.throws(
      () => encodeLeaves([{ kind: "record", hash: hash.subarray(1) }]),
      (error) => isStemmaError(error, "INVALID_LEAF"),
    );
  });
});

describe("proofs from tiles", () => {
  test("every entry is proved under every later size, and every size from every earlier one", async () => {
    const entries = entriesFrom(0, 70_000);
    const shelf = createTileShelf();
    const builder = await fresh(await createHasher(), shelf.readTile);
    const sizes = [1, 255, 256, 257, 1_000, 65_535, 65_536, 65_537, 70_000];
    const roots = new Map<number, Uint8Array>();
    let before = 0;
    for (const size of sizes) {
      shelf.write(await builder.append(entries.slice(before, size), 1));
      builder.commit();
      roots.set(size, builder.root);
      before = size;
    }
    const rootAt = (size: number) => roots.get(size) ?? EMPTY_ROOT;
    for (const size of sizes) {
      for (const index of [0, 1, 254, 255, 256, 300, 40_000, 65_535, 65_536, size - 1].filter(
        (i) => i < size,
      )) {
        const path = await inclusionPath(BigInt(index), BigInt(size), readNodeFromTiles(shelf.readTile));
        const [hash = EMPTY_ROOT] = leafHashesOf(entries.slice(index, index + 1));
        const claim = { leafHash: hash, index: BigInt(index), size: BigInt(size), path, root: rootAt(size) };
        assert.ok(verifyInclusion(claim), `inclusion ${index} of ${size}`);
      }
      for (const from of sizes.filter((other) => other <= size)) {
        const path = await consistencyPath(BigInt(from), BigInt(size), readNodeFromTiles(shelf.readTile));
        assert.ok(
          verifyConsistency({
            fromSize: BigInt(from),
            fromRoot: rootAt(from),
            toSize: BigInt(size),
            toRoot: rootAt(size),
            path,
          }),
          `consistency ${from} to ${size}`,
        );
      }
    }
    const tree = createTree();
    for (const hash of leafHashesOf(entries)) tree.append(hash);
    assert.deepEqual(tree.root(), rootAt(70_000));
  });

  test("says which tile is missing", async () => {
    const readNode = readNodeFromTiles(async () => null);
    await assert.rejects(inclusionPath(3n, 5n, readNode), (error) => isStemmaError(error, "TILE_MISSING"));
  });
});
