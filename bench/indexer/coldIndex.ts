import { createChainSource } from "../../indexer/chain/createChainSource.ts";
import type { RpcStatistics } from "../../indexer/chain/rpc.ts";
import type { ChainUpdate } from "../../indexer/model/chain.ts";
import type { Metrics } from "../../indexer/model/metrics.ts";
import { runChainLoop } from "../../indexer/pipeline/chainLoop.ts";
import type { Store } from "../../indexer/store/index.ts";
import type { DenseChain } from "./denseChain.ts";

export type ColdRun = {
  readonly seconds: number;
  readonly events: number;
  /** Seconds in each stage. They overlap, so they don't add up to `seconds`. */
  readonly stages: Readonly<Record<string, number>>;
  readonly rpc: RpcStatistics;
};

/** As the pipeline has it. */
const QUEUE_BYTES = 8 * 2 ** 20;

/** Indexes the chain into an empty store through the indexer's own chain loop, and returns once its head is final and queryable. */
export async function coldIndex(rpcUrl: string, chain: DenseChain, store: Store): Promise<ColdRun> {
  const stop = new AbortController();
  const stages: Record<string, number> = {};
  let events = 0;
  const metrics: Metrics = {
    set: () => {},
    add: (name, value) => {
      if (name === "stemma_decode_events_total") events += value;
    },
    observe: (name, value, labels) => {
      if (name !== "stemma_pipeline_stage_seconds") return;
      const stage = String(Object.values(labels ?? {})[0]);
      stages[stage] = (stages[stage] ?? 0) + value;
    },
  };
  const start = performance.now();
  const source = await createChainSource(
    { rpcUrl, registry: chain.registry },
    { finality: { driver: "depth", depth: 0 }, startBlock: BigInt(chain.startBlock) },
  );
  let seconds = 0;
  const chainStore = {
    ...store.chain,
    finalize: async (block: (ChainUpdate & { type: "finalized" })["block"]) => {
      await store.chain.finalize(block);
      if (block.number < BigInt(chain.head)) return;
      seconds = (performance.now() - start) / 1000;
      stop.abort();
    },
  };
  const domain = { chainId: BigInt(chain.chainId), registry: chain.registry };
  await runChainLoop(
    { source, chain: chainStore, logger: quiet, metrics, onFinalized: () => {} },
    { domain, signal: stop.signal, queueBytes: QUEUE_BYTES },
  );
  return { seconds, events, stages, rpc: source.statistics() };
}

const say = () => {};
const quiet = { debug: say, info: say, warn: console.warn, error: console.error };
