import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveGeth } from "../../cluster/engines/geth.ts";
import { createStore, startEmbeddedPostgres } from "../../indexer/store/index.ts";
import { type BenchOptions, type BenchResult, countOption, median } from "../bench.ts";
import { type ColdRun, coldIndex } from "./coldIndex.ts";
import { prepareDenseChain } from "./denseChain.ts";
import { startGeth } from "./gethNode.ts";

const GOAL_EVENTS_PER_SECOND = 50_000;
const GOAL_RSS_MB = 400;
const RSS_SAMPLE_MS = 50;
const MEBIBYTE = 2 ** 20;

type MeasuredRun = ColdRun & {
  readonly rssMb: number;
  readonly cpu: { readonly indexer: number; readonly geth: number | null };
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
      const run = await measureRun(node, () =>
        withEmptyStore((store) => coldIndex(node.rpcUrl, chain, store)),
      );
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
    gethMicrosecondsPerEvent: last?.cpu.geth && Math.round((last.cpu.geth / last.events) * 1e6),
    indexerMicrosecondsPerEvent: last && Math.round((last.cpu.indexer / last.events) * 1e6),
  };
}

async function withEmptyStore(
  work: (store: Awaited<ReturnType<typeof createStore>>) => Promise<ColdRun>,
): Promise<ColdRun> {
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-bench-"));
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    const store = await createStore({ url: postgres.url });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measureRun(
  node: { readonly cpuSeconds: () => number | null },
  work: () => Promise<ColdRun>,
): Promise<MeasuredRun> {
  const gethBefore = node.cpuSeconds();
  const own = process.cpuUsage();
  let rss = 0;
  const timer = setInterval(() => {
    rss = Math.max(rss, process.memoryUsage.rss());
  }, RSS_SAMPLE_MS);
  try {
    const result = await work();
    const { user, system } = process.cpuUsage(own);
    const gethAfter = node.cpuSeconds();
    const geth = gethAfter === null || gethBefore === null ? null : gethAfter - gethBefore;
    return { ...result, rssMb: Math.round(rss / MEBIBYTE), cpu: { indexer: (user + system) / 1e6, geth } };
  } finally {
    clearInterval(timer);
  }
}

function describe({ seconds, events, stages, rpc, rssMb, cpu }: MeasuredRun): string {
  const perEvent = (value: number) => `${((value / events) * 1e6).toFixed(1)} µs`;
  const lines = [
    `${Math.round(events / seconds)} events/s: ${events} events in ${seconds.toFixed(2)} s`,
    `  waiting for the node ${perEvent(rpc.waitMs / 1000)} an event (requests overlap), parsing ${perEvent(rpc.parseMs / 1000)}`,
    ...Object.entries(stages).map(([stage, value]) => `  ${stage} ${perEvent(value)}`),
    `  CPU: indexer ${perEvent(cpu.indexer)}, geth ${cpu.geth === null ? "unknown" : perEvent(cpu.geth)}`,
    `  ${rpc.requests} requests, ${rpc.calls} calls, ${Math.round(rpc.bytes / events)} bytes an event, ${rssMb} MB resident`,
  ];
  return lines.join("\n");
}
