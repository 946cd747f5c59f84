import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dumpTables } from "../../helpers/postgres.ts";
import { busyBlock, bytes32, header, joined, originOf, recordEvent } from "./chainOfEvents.ts";
import { storeFixture } from "./storeFixture.ts";

describe("committing ranges", () => {
  const { fresh } = storeFixture();

  it("gives equal rows in bulk and block by block", async () => {
    const blocks = [1n, 2n, 3n, 4n].map((number) => busyBlock(number, 40));
    const small = await fresh({ bulkRows: 1_000_000 });
    for (const block of blocks) await small.store.chain.commitRange(block);
    const bulk = await fresh({ bulkRows: 1 });
    await bulk.store.chain.commitRange(joined(blocks));
    const dump = await dumpTables(small.url);
    assert.deepEqual(await dumpTables(bulk.url), dump);
    assert.equal(dump.record?.length, 160);
    assert.equal(dump.edge?.length, 240);
    for (const [table, rows] of Object.entries(dump)) {
      if (/entry|tile|checkpoint|anchor|ownership|unresolved/.test(table)) continue;
      assert.ok(rows.length > 0, `${table} is empty`);
    }
  });

  it("changes nothing when a range is committed again", async () => {
    const { store, url } = await fresh();
    await store.chain.commitRange(busyBlock(1n, 5));
    await store.chain.commitRange(busyBlock(2n, 5));
    const dump = await dumpTables(url);
    await store.chain.commitRange(busyBlock(1n, 5));
    await store.chain.commitRange(joined([busyBlock(1n, 5), busyBlock(2n, 5)]));
    assert.deepEqual(await dumpTables(url), dump);
  });

  it("finishes a range whose first part was committed before", async () => {
    const whole = await fresh();
    await whole.store.chain.commitRange(joined([1n, 2n, 3n].map((number) => busyBlock(number, 5))));
    const parts = await fresh();
    await parts.store.chain.commitRange(busyBlock(1n, 5));
    await parts.store.chain.commitRange(joined([1n, 2n, 3n].map((number) => busyBlock(number, 5))));
    assert.deepEqual(await dumpTables(parts.url), await dumpTables(whole.url));
  });

  it("tells where it stands", async () => {
    const { store } = await fresh();
    assert.deepEqual(await store.chain.position(), { cursor: null, finalized: null, window: [] });
    await store.chain.commitRange(joined([1n, 2n, 3n, 4n].map((number) => busyBlock(number, 3))));
    await store.chain.finalize(header(2n));
    const position = await store.chain.position();
    assert.deepEqual(position.cursor, header(4n));
    assert.deepEqual(position.finalized, header(2n));
    assert.deepEqual(position.window, [header(3n), header(4n)]);
    const status = await store.reader.status();
    assert.equal(status.records, 12n);
    assert.equal(status.quarantined, 4n);
    assert.equal(status.head?.number, 4n);
  });

  it("refuses a record that is stored already, small or in bulk, and stays usable", async () => {
    for (const bulkRows of [1, 1_000_000]) {
      const { store, url } = await fresh({ bulkRows });
      await store.chain.commitRange(busyBlock(1n, 5));
      const dump = await dumpTables(url);
      const block = header(2n);
      const again = busyBlock(1n, 5).events.filter((event) => event.kind === "record");
      const events = again.map((event, at) => ({ ...event, ...originOf(block, at) }));
      await assert.rejects(store.chain.commitRange({ from: 2n, to: 2n, headers: [block], events }), {
        name: "STORE_FAILED",
      });
      assert.deepEqual(await dumpTables(url), dump);
      await store.chain.commitRange(busyBlock(2n, 5));
    }
  });

  it("refuses a gap and a block with another parent", async () => {
    const { store } = await fresh();
    await store.chain.commitRange(busyBlock(1n, 1));
    await assert.rejects(store.chain.commitRange(busyBlock(3n, 1)), { name: "RANGE_NOT_ADJACENT" });
    await assert.rejects(store.chain.commitRange(busyBlock(2n, 1, "other")), { name: "RANGE_FORKED" });
    await assert.rejects(store.chain.commitRange(busyBlock(1n, 1, "other")), { name: "RANGE_FORKED" });
  });

  it("sets a missing parent aside and goes on", async () => {
    const { store, url } = await fresh();
    const block = header(1n);
    const child = recordEvent(originOf(block, 0), "child", { parents: [bytes32("nobody")] });
    // A record can't have a later one as its parent.
    const early = recordEvent(originOf(block, 1), "early", { parents: [bytes32("late")] });
    const late = recordEvent(originOf(block, 2), "late");
    await store.chain.commitRange({ from: 1n, to: 1n, headers: [block], events: [child, early, late] });
    const dump = await dumpTables(url);
    assert.equal(dump.unresolved_parent?.length, 2);
    assert.equal(dump.edge?.length, 0);
    assert.deepEqual(await store.reader.parents([child.id, early.id, late.id]), [
      [bytes32("nobody")],
      [bytes32("late")],
      [],
    ]);
  });

  for (const bulkRows of [1, 1000]) {
    it(`refuses a value that can't be stored, and stays usable (bulk from ${bulkRows})`, async () => {
      const { store } = await fresh({ bulkRows });
      const block = header(1n);
      const bad = recordEvent(originOf(block, 0), "bad", { timestamp: 1n << 63n });
      const commit = { from: 1n, to: 1n, headers: [block] };
      await assert.rejects(store.chain.commitRange({ ...commit, events: [bad] }), {
        name: "VALUE_NOT_STORABLE",
      });
      await store.chain.commitRange({ ...commit, events: [recordEvent(originOf(block, 0), "good")] });
      assert.equal((await store.reader.status()).records, 1n);
    });
  }

  it("refuses a database of another chain, registry or log", async () => {
    const { store } = await fresh();
    const owner = {
      chain: { chainId: 31337n, genesisHash: bytes32("genesis") },
      registry: bytes32("registry").slice(0, 20),
      anchor: bytes32("anchor").slice(0, 20),
      logOrigin: "stemma.local/1",
      logKey: "stemma.local/1+key",
    };
    await store.chain.claim(owner);
    await store.chain.claim(owner);
    const others = [
      { ...owner, chain: { chainId: 1n, genesisHash: bytes32("genesis") } },
      { ...owner, chain: { chainId: 31337n, genesisHash: bytes32("reset") } },
      { ...owner, registry: bytes32("other").slice(0, 20) },
      { ...owner, logKey: "other" },
      { ...owner, logOrigin: "other" },
    ];
    for (const other of others) {
      await assert.rejects(store.chain.claim(other), { name: "DATABASE_OWNED_BY_OTHER" });
    }
  });
});
