import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LogBatch, PendingEntry } from "../../../indexer/model/log.ts";
import type { Leadership } from "../../../indexer/model/store.ts";
import type { Store } from "../../../indexer/store/index.ts";
import { createPool } from "../../../indexer/store/pool.ts";
import { dumpTables } from "../../helpers/postgres.ts";
import { busyBlock, bytes32, header } from "./chainOfEvents.ts";
import { storeFixture } from "./storeFixture.ts";

const RECORDS = 3;
/** Records, one access and one endorsement. */
const LEAVES = RECORDS + 2;

describe("keeping the log", () => {
  const { fresh, open } = storeFixture();

  async function leader(store: Store): Promise<Leadership> {
    const leadership = await store.log.lead();
    assert.ok(leadership !== null);
    return leadership;
  }

  async function blocks(store: Store, last: bigint): Promise<void> {
    for (let number = 1n; number <= last; number++) await store.chain.commitRange(busyBlock(number, RECORDS));
  }

  function batchOf(firstIndex: bigint, entries: readonly PendingEntry[], sequencedAt = 1_000): LogBatch {
    const width = Number(firstIndex) + entries.length;
    const tiles = [{ level: 0, index: 0n, width, hashes: new Uint8Array(width * 32).fill(width) }];
    return { firstIndex, entries, tiles, root: bytes32(`root ${width}`), sequencedAt };
  }

  it("hands on final events only, in the order of the chain", async () => {
    const { store } = await fresh();
    await blocks(store, 4n);
    assert.deepEqual(await store.log.pending(100), []);
    await store.chain.finalize(header(2n));
    const pending = await store.log.pending(100);
    assert.equal(pending.length, 2 * LEAVES);
    assert.deepEqual(
      pending.map(({ kind }) => kind),
      [
        "record",
        "record",
        "record",
        "access",
        "endorsement",
        "record",
        "record",
        "record",
        "access",
        "endorsement",
      ],
    );
    const sources = pending.map(({ sourceId }) => sourceId);
    assert.deepEqual(
      sources,
      sources.toSorted((a, b) => (a < b ? -1 : 1)),
    );
    assert.deepEqual(await store.log.pending(4), pending.slice(0, 4));
  });

  for (const bulkRows of [1, 500]) {
    it(`appends batches and goes on after them (bulk from ${bulkRows})`, async () => {
      const { store } = await fresh({ bulkRows });
      await blocks(store, 3n);
      await store.chain.finalize(header(3n));
      assert.deepEqual(await store.log.state(), {
        size: 0n,
        root: new Uint8Array(
          Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex"),
        ),
        lastSourceId: -1n,
      });
      const { epoch, resign } = await leader(store);
      const first = await store.log.pending(7);
      await store.log.append(batchOf(0n, first), epoch);
      const second = await store.log.pending(100);
      assert.equal(second.length, 3 * LEAVES - 7);
      await store.log.append(batchOf(7n, second), epoch);
      assert.deepEqual(await store.log.pending(100), []);
      const state = await store.log.state();
      assert.equal(state.size, BigInt(3 * LEAVES));
      assert.equal(state.lastSourceId, second.at(-1)?.sourceId);
      const tile = await store.log.readTile(0, 0n);
      assert.equal(tile?.width, 3 * LEAVES);
      assert.equal(tile?.hashes.length, 3 * LEAVES * 32);
      assert.equal(await store.log.readTile(1, 0n), null);
      const entries = await store.reader.entries(5n, 4);
      assert.deepEqual(
        entries.map(({ index, hash }) => [index, hash]),
        [...first, ...second].slice(5, 9).map(({ hash }, at) => [BigInt(at) + 5n, hash]),
      );
      await resign();
    });
  }

  it("refuses a batch that doesn't follow the log", async () => {
    const { store, url } = await fresh();
    await blocks(store, 2n);
    await store.chain.finalize(header(2n));
    const { epoch, resign } = await leader(store);
    const pending = await store.log.pending(4);
    await assert.rejects(store.log.append(batchOf(1n, pending), epoch), { name: "LOG_NOT_ADJACENT" });
    await store.log.append(batchOf(0n, pending), epoch);
    const dump = await dumpTables(url);
    await assert.rejects(store.log.append(batchOf(0n, pending), epoch), { name: "LOG_NOT_ADJACENT" });
    assert.deepEqual(await dumpTables(url), dump);
    await resign();
  });

  it("lets one process lead, and the next one once it resigns, under a higher epoch", async () => {
    const { store, url } = await fresh();
    const other = await open(url);
    const first = await leader(store);
    assert.equal(await other.log.lead(), null);
    await first.resign();
    const second = await leader(other);
    assert.equal(second.epoch, first.epoch + 1n);
    await second.resign();
  });

  it("refuses every write of a leader that was replaced", async () => {
    const { store, url } = await fresh();
    const other = await open(url);
    await blocks(store, 2n);
    await store.chain.finalize(header(2n));
    const old = await leader(store);
    const pending = await store.log.pending(4);
    await store.log.append(batchOf(0n, pending), old.epoch);
    await old.resign();
    const successor = await leader(other);
    const dump = await dumpTables(url);
    await assert.rejects(store.log.append(batchOf(4n, await store.log.pending(4)), old.epoch), {
      name: "LEADERSHIP_LOST",
    });
    const checkpoint = { size: 4n, root: bytes32("root 4"), epoch: old.epoch, note: "note", createdAt: 1 };
    await assert.rejects(store.log.writeCheckpoint(checkpoint), { name: "LEADERSHIP_LOST" });
    assert.deepEqual(await dumpTables(url), dump);
    await successor.resign();
  });

  it("tells a leader at once that its session is gone", { timeout: 10_000 }, async () => {
    const { store, url } = await fresh();
    const leadership = await leader(store);
    const lost = new Promise((resolve) => leadership.lost.addEventListener("abort", resolve));
    const killer = createPool(url, { max: 1, name: "killer" });
    await killer.sql()`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'stemma leader' AND datname = current_database()`;
    await killer.end();
    await lost;
    const next = await leader(store);
    assert.equal(next.epoch, leadership.epoch + 1n);
    await next.resign();
  });

  it("keeps the first checkpoint of a size, and refuses another root for it", async () => {
    const { store } = await fresh();
    await blocks(store, 2n);
    await store.chain.finalize(header(2n));
    const { epoch, resign } = await leader(store);
    await store.log.append(batchOf(0n, await store.log.pending(6)), epoch);
    assert.equal(await store.log.latestCheckpoint(), null);
    const checkpoint = { size: 6n, root: bytes32("root 6"), epoch, note: "signed", createdAt: 5 };
    await store.log.writeCheckpoint(checkpoint);
    await store.log.writeCheckpoint({ ...checkpoint, note: "signed again" });
    assert.deepEqual(await store.log.latestCheckpoint(), checkpoint);
    assert.deepEqual(await store.log.checkpointAt(6n), checkpoint);
    assert.equal(await store.log.checkpointAt(5n), null);
    const conflict = { name: "CHECKPOINT_CONFLICT" };
    await assert.rejects(store.log.writeCheckpoint({ ...checkpoint, root: bytes32("other") }), conflict);
    await assert.rejects(store.log.writeCheckpoint({ ...checkpoint, size: 7n }), conflict);
    await resign();
  });

  it("gives each record the state it has reached, with the times", async () => {
    const { store } = await fresh();
    await blocks(store, 3n);
    await store.chain.finalize(header(2n));
    const { epoch, resign } = await leader(store);
    const pending = await store.log.pending(8);
    await store.log.append(batchOf(0n, pending, 1_000), epoch);
    const root = (size: number) => bytes32(`root ${size}`);
    await store.log.writeCheckpoint({ size: 3n, root: root(3), epoch, note: "3", createdAt: 2_000 });
    await store.log.writeCheckpoint({ size: 6n, root: root(6), epoch, note: "6", createdAt: 2_500 });
    const sent = { nonce: 0n, rawTransaction: root(1), transactionHash: root(2), sentAt: 2_600 };
    for (const size of [2n, 3n, 6n]) {
      await store.anchors.seal({ size, root: root(Number(size)), epoch, fromSize: 0n, sealedAt: 2_550 });
      await store.anchors.markSent(size, sent);
    }
    await store.anchors.markMined(3n, { blockNumber: 9n, blockHash: root(9), minedAt: 3_000 });
    await store.anchors.markMined(2n, { blockNumber: 8n, blockHash: root(8), minedAt: 2_900 });
    await store.anchors.markFinal(2n, 4_000);

    const sources = [0, 2, 5, 7].map((at) => pending[at]?.sourceId ?? -1n);
    const last = (await store.reader.records({ limit: 1, after: null, direction: "descending" })).rows[0];
    const states = await store.reader.states([...sources, last?.id ?? -1n]);
    const accepted = (block: number) => (1_700_000_000 + block) * 1_000;
    const none = { sequencedAt: null, integratedAt: null, anchoredAt: null, finalAt: null };
    const first = { state: "FINAL", acceptedAt: accepted(1), sequencedAt: 1_000, integratedAt: 2_000 };
    assert.deepEqual(states, [
      { ...first, anchoredAt: 2_900, finalAt: 4_000 },
      { ...first, state: "ANCHORED", anchoredAt: 3_000, finalAt: null },
      { ...none, state: "INTEGRATED", acceptedAt: accepted(2), sequencedAt: 1_000, integratedAt: 2_500 },
      { ...none, state: "SEQUENCED", acceptedAt: accepted(2), sequencedAt: 1_000 },
      { ...none, state: "ACCEPTED", acceptedAt: accepted(3) },
    ]);
    assert.equal((await store.reader.checkpointCovering(0n, { anchored: false }))?.size, 3n);
    assert.equal((await store.reader.checkpointCovering(2n, { anchored: true }))?.size, 3n);
    assert.equal(await store.reader.checkpointCovering(3n, { anchored: true }), null);
    await resign();
  });

  it("moves anchors forward only, and takes a step twice", async () => {
    const { store, url } = await fresh();
    const { anchors } = store;
    const row = { size: 4n, root: bytes32("root"), epoch: 1n, fromSize: 0n, sealedAt: 1 };
    const sent = { nonce: 3n, rawTransaction: bytes32("raw"), transactionHash: bytes32("hash"), sentAt: 2 };
    const mined = { blockNumber: 9n, blockHash: bytes32("block"), minedAt: 3 };
    const conflict = { name: "ANCHOR_STATE_CONFLICT" };
    await assert.rejects(anchors.markSent(4n, sent), conflict);
    await anchors.seal(row);
    await anchors.seal(row);
    await assert.rejects(anchors.seal({ ...row, root: bytes32("other") }), conflict);
    await assert.rejects(anchors.markMined(4n, mined), conflict);
    await anchors.markSent(4n, sent);
    await anchors.markSent(4n, sent);
    await anchors.markMined(4n, mined);
    await anchors.markMined(4n, mined);
    await assert.rejects(anchors.discard(4n), conflict);
    await anchors.unmine(4n);
    await assert.rejects(anchors.markFinal(4n, 5), conflict);
    await anchors.markMined(4n, mined);
    await anchors.markFinal(4n, 5);
    await anchors.markFinal(4n, 6);
    await assert.rejects(anchors.unmine(4n), conflict);
    assert.deepEqual(await anchors.open(), []);
    assert.deepEqual(await anchors.latest(), { ...row, ...sent, ...mined, state: "FINAL", finalAt: 5 });
    await anchors.seal({ ...row, size: 5n });
    await anchors.discard(5n);
    await anchors.discard(5n);
    assert.equal((await dumpTables(url)).anchor?.length, 1);
  });
});
