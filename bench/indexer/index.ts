import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../indexer/store/index.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { type BenchOptions, type BenchResult, countOption, median } from "../bench.ts";
import { openBenchChain } from "./benchChain.ts";
import type { ColdRun } from "./coldIndex.ts";
import { coldIndexProcess } from "./coldIndexProcess.ts";
import { cpuSecondsOf } from "./cpuTime.ts";
import type { DenseChain } from "./denseChain.ts";
import type { PeakMemory } from "./memoryWatch.ts";

const GOAL_EVENTS_PER_SECOND = 50_000;
const GOAL_RSS_MB = 400;
const INCLUDED =
  "fetch, decode, every hash computed anew, rows, edges and cursor committed, head final, Merkle log appended, checkpoint signed";

type Node = { readonly rpcUrl: string; readonly pid: number };

type MeasuredRun = ColdRun & {
  readonly memory: PeakMemory;
  /** Seconds of processor time. */
  readonly cpu: { readonly indexer: number; readonly node: number; readonly postgres: number };
};

/**
 * Cold indexing of a dense chain on a local node, each run into a new database: `--records 200000 --runs 3`. The chain is made once and
 * kept in `.stemma/bench`. Runs with the log, which the value is of, and runs without it take turns.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const runs = countOption(options, "runs", 3);
  const say = (line: string) => console.log(line);
  const { node, chain, engine } = await openBenchChain(countOption(options, "records", 200_000), say);
  const { records } = chain;
  const blocks = chain.head - chain.startBlock + 1;
  say(`${records} records in ${blocks} blocks on ${engine}`);
  say(`included: ${INCLUDED}`);

  const withLog: MeasuredRun[] = [];
  const withoutLog: MeasuredRun[] = [];
  try {
    for (let i = 0; i < runs; i++) {
      // In turns, first one way and then the other: a machine that is getting busier favours neither.
      for (const log of i % 2 === 0 ? [true, false] : [false, true]) {
        const run = await measureRun(node, chain, log);
        if (run.events < records)
          throw new StemmaError("BENCH_FAILED", { reason: `${run.events} events, ${records} expected` });
        (log ? withLog : withoutLog).push(run);
        say(describe(run, engine));
      }
    }
  } finally {
    await node.stop();
  }
  const value = Math.round(median(ratesOf(withLog)));
  const peakRssMb = Math.max(...withLog.map((run) => run.memory.rssMb));
  const [best] = withLog.toSorted((a, b) => a.seconds - b.seconds);
  return {
    bench: "index",
    value,
    unit: "events/s",
    goal: GOAL_EVENTS_PER_SECOND,
    ok: value >= GOAL_EVENTS_PER_SECOND && peakRssMb < GOAL_RSS_MB,
    engine,
    included: INCLUDED,
    records,
    blocks,
    runs: ratesOf(withLog).map(Math.round),
    withoutLog: Math.round(median(ratesOf(withoutLog))),
    peakRssMb,
    rpcCalls: best?.rpc.calls,
    bytesPerEvent: best && Math.round(best.rpc.bytes / best.events),
    cpuMicrosecondsPerEvent: best && perEvent(best.cpu, best.events),
  };
}

/** One run into a new database of a new server; only the indexing itself is measured. */
async function measureRun(node: Node, chain: DenseChain, log: boolean): Promise<MeasuredRun> {
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-bench-"));
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    const spent = { node: stopwatch(node.pid), postgres: stopwatch(postgres.pid) };
    const order = { rpcUrl: node.rpcUrl, chain, databaseUrl: postgres.url, log };
    const { cpuSeconds, ...report } = await coldIndexProcess(order);
    return { ...report, cpu: { indexer: cpuSeconds, node: spent.node(), postgres: spent.postgres() } };
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Seconds of processor time that a process takes from now on; NaN where the system doesn't tell. */
function stopwatch(pid: number): () => number {
  const before = cpuSecondsOf(pid) ?? Number.NaN;
  return () => (cpuSecondsOf(pid) ?? Number.NaN) - before;
}

function ratesOf(runs: readonly MeasuredRun[]): number[] {
  return runs.map((run) => run.events / run.seconds);
}

function perEvent(seconds: Readonly<Record<string, number>>, events: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(seconds).map(([name, value]) => [name, Number(((value / events) * 1e6).toFixed(1))]),
  );
}

function describe(
  { seconds, events, entries, stages, rpc, memory, cpu }: MeasuredRun,
  engine: string,
): string {
  const each = (value: number) => `${((value / events) * 1e6).toFixed(1)} µs`;
  const { rssMb, ...kinds } = memory;
  const lines = [
    `${Math.round(events / seconds)} events/s ${entries > 0 ? "with" : "without"} the log: ${events} events in ${seconds.toFixed(2)} s`,
    `  waiting for the node ${each(rpc.waitMs / 1000)} an event (requests overlap), parsing ${each(rpc.parseMs / 1000)}`,
    ...Object.entries(stages).map(([stage, value]) => `  ${stage} ${each(value)}`),
    `  CPU: indexer ${each(cpu.indexer)}, ${engine} ${each(cpu.node)}, PostgreSQL ${each(cpu.postgres)}`,
    `  ${rpc.requests} requests, ${rpc.calls} calls, ${Math.round(rpc.bytes / events)} bytes an event`,
    `  ${rssMb} MB resident at most; at its peak each: ${JSON.stringify(kinds)}`,
  ];
  return lines.join("\n");
}
