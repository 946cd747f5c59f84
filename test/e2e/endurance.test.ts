import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  checkCheckpoints,
  type IndexerChild,
  readState,
  settled,
  startChild,
  startWorld,
  type World,
} from "../helpers/indexer.ts";

const RECORDS = 100_000;
const BATCH = 200;
const MEBIBYTE = 1024 * 1024;
/** What the process may hold more at the end than half-way. One record costs about 500 bytes in memory: kept, they would show. */
const GROWTH_LIMIT_BYTES = 20 * MEBIBYTE;

describe("an indexer that keeps up with a chain for 100,000 records", { timeout: 240_000 }, () => {
  let world: World;
  let child: IndexerChild;
  let databaseUrl: string;

  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
    child = await startChild(world, databaseUrl, {
      env: { STEMMA_CHECKPOINT_INTERVAL_MS: "1000", STEMMA_ANCHOR_INTERVAL_MS: "2000" },
    });
  });
  after(async () => {
    child?.process.kill("SIGTERM");
    await child?.ended;
    await world?.stop();
  });

  it("has them all in the log and anchored, with memory that doesn't grow", async (test) => {
    const started = performance.now();
    // Twenty datasets, so that heads, edges and batches all have something to do.
    const requests = Array.from({ length: BATCH }, (_, index) => ({ name: `endurance/${index % 20}` }));
    const samples: { records: number; bytes: number }[] = [];
    for (let sent = 0; sent < RECORDS; sent += BATCH) {
      await world.ledger.batch(requests);
      if ((sent / BATCH) % 25 === 24) {
        samples.push({
          records: Number((await readState(databaseUrl)).entries),
          bytes: await child.memory(),
        });
      }
    }
    const recordedMs = performance.now() - started;
    const state = await settled(databaseUrl, world.deployment, { timeoutMs: 60_000 });
    await pause(200);
    samples.push({ records: Number(state.entries), bytes: await child.memory() });
    const settledMs = performance.now() - started;
    assert.equal(state.entries, BigInt(RECORDS));
    await checkCheckpoints(databaseUrl);

    // The least of several samples: a range in hand weighs some megabytes for as long as it is worked on.
    const leastOf = (part: typeof samples) => Math.min(...part.map(({ bytes }) => bytes));
    const middle = leastOf(
      samples.filter(({ records }) => records > RECORDS * 0.3 && records < RECORDS * 0.6),
    );
    const growth = leastOf(samples.slice(-4)) - middle;
    test.diagnostic(
      `${RECORDS} records in ${Math.round(recordedMs / 1000)} s, settled after ${Math.round(settledMs / 1000)} s; ` +
        `memory ${samples.map(({ bytes }) => Math.round(bytes / MEBIBYTE)).join(" ")} MiB`,
    );
    assert.ok(growth < GROWTH_LIMIT_BYTES, `memory grew by ${Math.round(growth / MEBIBYTE)} MiB`);
  });
});
