import { createStore } from "../../indexer/store/index.ts";
import { startPostgres } from "../../test/helpers/postgres.ts";
import { type BenchOptions, type BenchResult, countOption } from "../bench.ts";
import { cpuSecondsOf } from "./cpuTime.ts";
import { blocksFor, graphRange } from "./recordGraph.ts";

const GOAL_ROWS_PER_SECOND = 100_000;
const BLOCKS_PER_COMMIT = 20;

/**
 * The database stage of a backfill: records and their edges through the store's bulk path, 10,000 records a commit. A row is a
 * record or an edge. Only the commits are timed, not the making of the events.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const records = countOption(options, "records", 500_000);
  const postgres = await startPostgres({ durable: true });
  try {
    const store = await createStore({ url: await postgres.createDatabase() });
    let spentMs = 0;
    let rows = 0;
    let peakBytes = 0;
    let ownCpuUs = 0;
    const pid = postgres.server?.pid ?? null;
    const serverCpu = pid === null ? null : cpuSecondsOf(pid);
    const blocks = blocksFor(records);
    for (let from = 1; from <= blocks; from += BLOCKS_PER_COMMIT) {
      const commit = graphRange(from, Math.min(from + BLOCKS_PER_COMMIT - 1, blocks));
      const ownCpu = process.cpuUsage();
      const startedAt = performance.now();
      await store.chain.commitRange(commit);
      spentMs += performance.now() - startedAt;
      const own = process.cpuUsage(ownCpu);
      ownCpuUs += own.user + own.system;
      for (const event of commit.events) if (event.kind === "record") rows += 1 + event.parents.length + 1;
      peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
      if (from % (BLOCKS_PER_COMMIT * 10) === 1) {
        console.log(`${rows} rows, ${Math.round((rows / spentMs) * 1000)} rows/s`);
      }
    }
    const serverCpuNow = pid === null ? null : cpuSecondsOf(pid);
    await store.close();
    // Processor time says what another program on the machine hardly changes.
    const serverUsPerRow =
      serverCpu === null || serverCpuNow === null ? null : round(((serverCpuNow - serverCpu) * 1e6) / rows);
    const ownUsPerRow = round(ownCpuUs / rows);
    const value = Math.round((rows / spentMs) * 1000);
    const recordsPerSecond = Math.round((records / spentMs) * 1000);
    const peakMb = Math.round(peakBytes / 2 ** 20);
    console.log(`${value} rows/s (records and edges), ${recordsPerSecond} records/s, peak ${peakMb} MB`);
    console.log(`processor time of a row: server ${serverUsPerRow} us, ours ${ownUsPerRow} us`);
    const ok = value >= GOAL_ROWS_PER_SECOND;
    return {
      bench: "store",
      value,
      unit: "rows/s",
      goal: GOAL_ROWS_PER_SECOND,
      ok,
      records,
      recordsPerSecond,
      peakMb,
      serverUsPerRow,
      ownUsPerRow,
    };
  } finally {
    await postgres.stop();
  }
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
