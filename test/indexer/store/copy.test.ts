import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createLane, type Lane } from "../../../indexer/store/lane.ts";
import { createPool, type Pool } from "../../../indexer/store/pool.ts";
import { copyRows } from "../../../indexer/store/rows/copyRows.ts";
import { encodeCopy } from "../../../indexer/store/rows/encodeCopy.ts";
import type { Table } from "../../../indexer/store/rows/table.ts";
import { guarded } from "../../../indexer/store/storeError.ts";
import { dumpTables } from "../../helpers/postgres.ts";
import { busyBlock, joined } from "./chainOfEvents.ts";
import { storeFixture } from "./storeFixture.ts";

const NUMBERS: Table<bigint> = {
  name: "numbers",
  columns: [{ name: "number", type: "bigint", get: (number) => number }],
};

describe("copying rows", () => {
  const { postgres, fresh } = storeFixture();
  let lane: Lane;
  let rescue: Pool;
  before(async () => {
    const url = await postgres().createDatabase();
    lane = createLane(url, { name: "copier" });
    rescue = createPool(url, { max: 1, name: "rescuer" });
    await rescue.sql()`CREATE TABLE numbers (number bigint PRIMARY KEY)`;
  });
  after(async () => {
    await lane.end();
    await rescue.end();
  });

  function copy(numbers: Iterable<bigint>, stallMs: number): Promise<void> {
    return guarded(() =>
      lane.transaction((tx) => copyRows(tx, "numbers", encodeCopy(NUMBERS, numbers), { rescue, stallMs })),
    );
  }

  it("doesn't hang on a COPY that the server refuses at its end, and can be used again", {
    timeout: 10_000,
  }, async () => {
    await assert.rejects(copy([1n, 1n], 300), { name: "STORE_UNAVAILABLE", retry: true });
    await copy([1n, 2n], 300);
    const [row] = await rescue.sql()<{ count: bigint }[]>`SELECT count(*) FROM numbers`;
    assert.equal(row?.count, 2n);
  });

  it("doesn't hang on a COPY that the server refuses in the middle", { timeout: 10_000 }, async () => {
    function* many() {
      for (let number = 1_000_000n; number < 1_300_000n; number++) yield number % 1_100_000n;
    }
    await assert.rejects(copy(many(), 300));
    await copy([10n], 300);
  });

  it("rejects when its backend ends in the middle of a COPY, and can be used again", {
    timeout: 20_000,
  }, async () => {
    function* endless() {
      for (let number = 2_000_000n; ; number++) {
        if (number === 2_050_000n) {
          rescue.sql()`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'stemma copier'`.catch(() => undefined);
        }
        yield number;
      }
    }
    await assert.rejects(copy(endless(), 10_000), { name: "STORE_UNAVAILABLE", retry: true });
    await copy([20n], 300);
  });

  it("leaves nothing of a range behind when its backend ends half-way", { timeout: 20_000 }, async () => {
    const { store, url } = await fresh({ bulkRows: 1 });
    const twin = await fresh();
    const blocks = joined([1n, 2n, 3n].map((number) => busyBlock(number, 30)));
    const other = createPool(url, { max: 1, name: "other" });
    const blocker = createLane(url, { name: "blocker" });
    try {
      let outcome: Promise<unknown> = Promise.resolve();
      await blocker.transaction(async (tx) => {
        // Records are written by then; the range waits here for its accesses.
        await tx`LOCK TABLE access IN EXCLUSIVE MODE`;
        outcome = assert.rejects(store.chain.commitRange(blocks), { name: "STORE_UNAVAILABLE", retry: true });
        for (let ended = 0; ended === 0; await sleep(5)) {
          const rows = await other.sql()`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'stemma chain' AND wait_event_type = 'Lock'
              AND datname = current_database()`;
          ended = rows.length;
        }
      });
      await outcome;
    } finally {
      await other.end();
      await blocker.end();
    }
    assert.deepEqual(await store.chain.position(), { cursor: null, finalized: null, window: [] });
    assert.equal((await dumpTables(url)).record?.length, 0);
    await store.chain.commitRange(blocks);
    await twin.store.chain.commitRange(blocks);
    assert.deepEqual(await dumpTables(url), await dumpTables(twin.url));
  });
});
