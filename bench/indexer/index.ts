import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveGeth } from "../../cluster/engines/geth.ts";
import { createStore, startEmbeddedPostgres } from "../../indexer/store/index.ts";
import { type BenchOptions, type BenchResult, countOption, median } from "../bench.ts";
import { type ColdRun, coldIndex } from "./coldIndex.ts";
import { cpuSecondsOf } from "./cpuTime.ts";
import { type DenseChain, prepareDenseChain } from "./denseChain.ts";
import { type GethNode, startGeth } from "./gethNode.ts";

const GOAL_EVENTS_PER_SECOND = 50_000;
const GOAL_RSS_MB = 400;
const RSS_SAMPLE_MS = 50;
const MEBIBYTE = 2 ** 20;

type MeasuredRun = ColdRun & {
  readonly rssMb: number;
  /** Seconds of processor time. */
  readonly cpu: { readonly indexer: number; readonly geth: number; readonly postgres: number };
};

/**
 * Cold indexing of a dense chain on a local geth, each run into a new database: `--records 200000 --runs 3`. The chain is made once and
 * kept in `.stemma/bench`.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const records = countOption(options, "records", 200_000);
  const runs = countOption(options, "runs", 3);
  const say = (line: string) => console.log(line);
  const binary = await resolveGeth({ env: process.env, cacheDir: ".stemma/bin", onProgress: say });
  const dataDir = join(".stemma/bench", `geth-${records}`);
  const chain = await prepareDenseChain(binary, dataDir, records, say);
  const blocks = chain.head - chain.startBlock + 1;
  say(`${records} records in ${blocks} blocks`);

  const node = await startGeth(binary, dataDir);
  const measured: MeasuredRun[] = [];
  try {
    for (let i = 0; i < runs; i++) {
      const run = await measureRun(node, chain);
      if (run.events < records) throw new Error(`${run.events} events, ${records} expected`);
      measured.push(run);
      say(describe(run));
    }
  } finally {
    await node.stop();
  }
  const rates = measured.map((run) => run.events / run.seconds);
  const value = Math.round(median(rates));
  const [last] = measured.toSorted((a, b) => a.seconds - b.seconds);
  const peakRssMb = Math.max(...measured.map((run) => run.rssMb));
  return {
    bench: "index",
    value,
    unit: "events/s",
    goal: GOAL_EVENTS_PER_SECOND,
    ok: value >= GOAL_EVENTS_PER_SECOND && peakRssMb < GOAL_RSS_MB,
    records,
    blocks,
    runs: rates.map(Math.round),
    peakRssMb,
    rpcCalls: last?.rpc.calls,
    bytesPerEvent: last && Math.round(last.rpc.bytes / last.events),
    cpuMicrosecondsPerEvent:
      last &&
      Object.fromEntries(
        Object.entries(last.cpu).map(([name, value]) => [
          name,
          Number(((value / last.events) * 1e6).toFixed(1)),
        ]),
      ),
  };
}

/** One run into a new database of a new server; only the indexing itself is measured. */
async function measureRun(node: GethNode, chain: DenseChain): Promise<MeasuredRun> {
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-bench-"));
  const postgres = await startEmbeddedPostgres({ dataDir });
  let peakRss = 0;
  const timer = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  }, RSS_SAMPLE_MS);
  try {
    const store = await createStore({ url: postgres.url });
    try {
      const cpu = {
        geth: stopwatch(node.pid),
        postgres: stopwatch(postgres.pid),
        indexer: ownStopwatch(),
      };
      const result = await coldIndex(node.rpcUrl, chain, store);
      const { geth, postgres: database, indexer } = cpu;
      const rssMb = Math.round(peakRss / MEBIBYTE);
      return { ...result, rssMb, cpu: { geth: geth(), postgres: database(), indexer: indexer() } };
    } finally {
      await store.close();
    }
  } finally {
    clearInterval(timer);
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Seconds of processor time that a process takes from now on; NaN where the system doesn't tell. */
function stopwatch(pid: number): () => number {
  const before = cpuSecondsOf(pid) ?? Number.NaN;
  return () => (cpuSecondsOf(pid) ?? Number.NaN) - before;
}

/** The same for this process alone: node and database are its children. */
function ownStopwatch(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}

function describe({ seconds, events, stages, rpc, rssMb, cpu }: MeasuredRun): string {
  const perEvent = (value: number) => `${((value / events) * 1e6).toFixed(1)} µs`;
  const lines = [
    `${Math.round(events / seconds)} events/s: ${events} events in ${seconds.toFixed(2)} s`,
    `  waiting for the node ${perEvent(rpc.waitMs / 1000)} an event (requests overlap), parsing ${perEvent(rpc.parseMs / 1000)}`,
    ...Object.entries(stages).map(([stage, value]) => `  ${stage} ${perEvent(value)}`),
    `  CPU: indexer ${perEvent(cpu.indexer)}, geth ${perEvent(cpu.geth)}, PostgreSQL ${perEvent(cpu.postgres)}`,
    `  ${rpc.requests} requests, ${rpc.calls} calls, ${Math.round(rpc.bytes / events)} bytes an event, ${rssMb} MB resident`,
  ];
  return lines.join("\n");
}
