import postgres from "postgres";
import type { LineageDirection } from "../../indexer/model/reader.ts";
import { createStore, type Store } from "../../indexer/store/index.ts";
import { startPostgres } from "../../test/helpers/postgres.ts";
import { type BenchOptions, type BenchResult, countOption } from "../bench.ts";
import { cpuSecondsOf } from "./cpuTime.ts";
import { blocksFor, graphPosition, graphRange } from "./recordGraph.ts";

const GOAL_MS = 50;
const DEPTH = 20;
const BLOCKS_PER_COMMIT = 20;
const DIRECTIONS: readonly LineageDirection[] = ["UPSTREAM", "DOWNSTREAM"];

type Figures = {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly meanNodes: number;
  readonly truncated: number;
  /** Processor time of a question; unlike the others, another program on the machine hardly changes it. Null where unknown. */
  readonly serverCpuMs: number | null;
  readonly ownCpuMs: number;
};

/**
 * Lineage of random records at depth 20, in a graph of 1 M records where each has three parents and branches join again at once, as
 * the API asks for it: one question after the other, nodes and the edges among them, at most `--nodes` nodes (1,000). The value is
 * the p99 of the slower direction.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const records = countOption(options, "records", 1_000_000);
  const questions = countOption(options, "questions", 500);
  const maxNodes = countOption(options, "nodes", 1_000);
  const server = await startPostgres({ durable: true });
  try {
    const url = await server.createDatabase();
    const store = await createStore({ url, queryTimeoutMs: 60_000 });
    await fill(store, records);
    await settle(url);
    const pid = server.server?.pid ?? null;
    const figures: Record<string, Figures> = {};
    for (const direction of DIRECTIONS) {
      await ask(store, pid, direction, records, maxNodes, Math.ceil(questions / 5), 1);
      figures[direction] = await ask(store, pid, direction, records, maxNodes, questions, 2);
    }
    await store.close();
    console.log(`records ${records}, depth ${DEPTH}, node limit ${maxNodes}, ${questions} questions each`);
    console.table(figures);
    const value = Math.max(...Object.values(figures).map(({ p99Ms }) => p99Ms));
    return {
      bench: "lineage",
      value,
      unit: "ms p99",
      goal: GOAL_MS,
      ok: value < GOAL_MS,
      records,
      depth: DEPTH,
      maxNodes,
      questions,
      figures,
    };
  } finally {
    await server.stop();
  }
}

async function fill(store: Store, records: number): Promise<void> {
  const blocks = blocksFor(records);
  for (let from = 1; from <= blocks; from += BLOCKS_PER_COMMIT) {
    await store.chain.commitRange(graphRange(from, Math.min(from + BLOCKS_PER_COMMIT - 1, blocks)));
  }
}

/** What the server does by itself within a minute or two of a backfill, done at once: it would fall into the measurement. */
async function settle(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    await sql`VACUUM (ANALYZE)`;
    await sql`CHECKPOINT`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function ask(
  store: Store,
  serverPid: number | null,
  direction: LineageDirection,
  records: number,
  maxNodes: number,
  questions: number,
  seed: number,
): Promise<Figures> {
  const tookMs: number[] = [];
  let nodes = 0;
  let truncated = 0;
  const serverCpu = serverPid === null ? null : cpuSecondsOf(serverPid);
  const ownCpu = process.cpuUsage();
  for (let asked = 0; asked < questions; asked++) {
    // Spread over the whole graph, the same in every run.
    const start = graphPosition(Math.floor(((asked + seed / 3) * 0.618033988749895 * records) % records));
    const startedAt = performance.now();
    const answer = await store.reader.lineage({
      from: [start],
      direction,
      maxDepth: DEPTH,
      maxNodes,
      asOfBlock: null,
    });
    tookMs.push(performance.now() - startedAt);
    nodes += answer.nodes.length;
    if (answer.truncated) truncated++;
  }
  const own = process.cpuUsage(ownCpu);
  const serverCpuNow = serverPid === null ? null : cpuSecondsOf(serverPid);
  const serverCpuMs =
    serverCpu === null || serverCpuNow === null ? null : ((serverCpuNow - serverCpu) * 1000) / questions;
  tookMs.sort((a, b) => a - b);
  const at = (share: number) =>
    tookMs[Math.min(tookMs.length - 1, Math.floor(share * tookMs.length))] ?? Number.NaN;
  return {
    p50Ms: round(at(0.5)),
    p99Ms: round(at(0.99)),
    meanNodes: Math.round(nodes / questions),
    truncated,
    serverCpuMs: serverCpuMs === null ? null : round(serverCpuMs),
    ownCpuMs: round((own.user + own.system) / 1000 / questions),
  };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
