import { createChainSource } from "../../indexer/chain/createChainSource.ts";
import type { RpcStatistics } from "../../indexer/chain/rpc.ts";
import { createHasher } from "../../indexer/log/index.ts";
import type { BlockHeader } from "../../indexer/model/chain.ts";
import type { StoredCheckpoint } from "../../indexer/model/log.ts";
import type { Metrics } from "../../indexer/model/metrics.ts";
import { createBell } from "../../indexer/pipeline/bell.ts";
import { runChainLoop } from "../../indexer/pipeline/chainLoop.ts";
import { runLogLoop } from "../../indexer/pipeline/logLoop.ts";
import { BATCH_ENTRIES, QUEUE_BYTES } from "../../indexer/pipeline/pipeline.ts";
import type { Store } from "../../indexer/store/index.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { createNoteSigner } from "../../protocol/signedNote.ts";
import type { DenseChain } from "./denseChain.ts";

export type ColdRun = {
  readonly seconds: number;
  readonly events: number;
  /** Entries of the log under the last checkpoint; 0 where the log is left out. */
  readonly entries: number;
  /** Seconds in each stage. They overlap, so they don't add up to `seconds`. */
  readonly stages: Readonly<Record<string, number>>;
  readonly rpc: RpcStatistics;
};

/** Logs are shown and proved by their checkpoint: one follows each append, and the last one ends the run. */
const CHECKPOINT_INTERVAL_MS = 0;
const CHECKPOINT_ENTRIES = 10_000;

/**
 * Indexes the chain into an empty store through the indexer's own loops. Returns once the chain's head is final and queryable and, with
 * `log`, every record is in the log under a signed checkpoint.
 */
export async function coldIndex(
  rpcUrl: string,
  chain: DenseChain,
  store: Store,
  options: { readonly log: boolean },
): Promise<ColdRun> {
  const stop = new AbortController();
  const { signal } = stop;
  const { metrics, seen } = createCounters();
  const bell = createBell();
  const start = performance.now();
  let seconds = 0;
  let isIndexed = false;
  let entries = 0n;
  const finishWhenDone = () => {
    if (!isIndexed || (options.log && entries < BigInt(chain.records))) return;
    seconds = (performance.now() - start) / 1000;
    stop.abort();
  };

  const source = await createChainSource(
    { rpcUrl, registry: chain.registry },
    { finality: { driver: "depth", depth: 0 }, startBlock: BigInt(chain.startBlock) },
  );
  const chainStore = {
    ...store.chain,
    finalize: async (block: BlockHeader) => {
      await store.chain.finalize(block);
      isIndexed ||= block.number >= BigInt(chain.head);
      finishWhenDone();
    },
  };
  const domain = { chainId: BigInt(chain.chainId), registry: chain.registry };
  const loops = [
    runChainLoop(
      { source, chain: chainStore, logger: quiet, metrics, onFinalized: bell.ring },
      { domain, signal, queueBytes: QUEUE_BYTES },
    ),
  ];
  if (options.log) loops.push(appendToLog());
  try {
    await Promise.all(loops);
  } finally {
    stop.abort();
  }
  return {
    seconds,
    events: seen.events,
    entries: Number(entries),
    stages: seen.stages,
    rpc: source.statistics(),
  };

  async function appendToLog(): Promise<void> {
    const leadership = await store.log.lead();
    if (leadership === null)
      throw new StemmaError("BENCH_FAILED", { reason: "someone else writes the log of a new store" });
    const hasher = await createHasher();
    const log = {
      ...store.log,
      writeCheckpoint: async (checkpoint: StoredCheckpoint) => {
        await store.log.writeCheckpoint(checkpoint);
        entries = checkpoint.size;
        finishWhenDone();
      },
    };
    const signer = createNoteSigner({ name: "bench", seed: new Uint8Array(32).fill(1) });
    try {
      await runLogLoop(
        { log, hasher, signer, clock: Date, logger: quiet, metrics, bell, onCheckpoint: () => {} },
        {
          ...{ epoch: leadership.epoch, signal, batchEntries: BATCH_ENTRIES },
          ...{ entries: CHECKPOINT_ENTRIES, intervalMs: CHECKPOINT_INTERVAL_MS },
        },
      );
    } finally {
      await hasher.close();
      await leadership.resign();
    }
  }
}

function createCounters(): { metrics: Metrics; seen: { events: number; stages: Record<string, number> } } {
  const seen = { events: 0, stages: {} as Record<string, number> };
  const metrics: Metrics = {
    set: () => {},
    add: (name, value) => {
      if (name === "stemma_decode_events_total") seen.events += value;
    },
    observe: (name, value, labels) => {
      if (name !== "stemma_pipeline_stage_seconds") return;
      const stage = String(Object.values(labels ?? {})[0]);
      seen.stages[stage] = (seen.stages[stage] ?? 0) + value;
    },
  };
  return { metrics, seen };
}

const say = () => {};
const quiet = { debug: say, info: say, warn: console.warn, error: console.error };
