import { bytesToHex } from "../../protocol/bytes.ts";
import type { RecordDomain } from "../../protocol/eip712.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { decodeLogs } from "../decode/decodeLogs.ts";
import type { ChainSource, ChainUpdate } from "../model/chain.ts";
import type { ChainEvent } from "../model/event.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Probe } from "../model/probe.ts";
import type { ChainStore } from "../model/store.ts";
import type { Logger } from "./logger.ts";
import { readAhead } from "./readAhead.ts";
import { createRetry } from "./retry.ts";
import { watchNode } from "./watchNode.ts";

export type ChainLoopDependencies = {
  readonly source: Pick<ChainSource, "follow" | "health">;
  readonly chain: Omit<ChainStore, "claim">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly probe?: Probe | undefined;
  /** Told of each finalized block: what the log and the anchors wait for. */
  readonly onFinalized: () => void;
};

export type ChainLoopOptions = {
  /** Chain and registry: record, access and endorsement hashes are computed anew under it. */
  readonly domain: RecordDomain;
  readonly signal: AbortSignal;
  /** Bytes of log data that may wait for the store. */
  readonly queueBytes: number;
};

type DecodedRange = Omit<ChainUpdate & { type: "range" }, "logs"> & {
  readonly events: readonly ChainEvent[];
};
type DecodedUpdate = Exclude<ChainUpdate, { type: "range" }> | DecodedRange;

/** A node between two branches may give a block of each: following anew from the store finds the reorg. */
const NODE_CHANGED_ITS_MIND = ["RANGE_FORKED", "RANGE_NOT_ADJACENT"];
/** Time between two looks at the node's health. */
const WATCH_MS = 1_000;
/** Characters of hex that a byte of log data takes, and the fixed part of a log as an object. */
const HEX_PER_BYTE = 2;
const BYTES_PER_LOG = 512;

/**
 * Takes what the chain says into the store, in order, until `signal` aborts. Each update is one transaction; after any error the
 * loop asks the store where it stands and follows the chain from there, so that nothing depends on what memory held.
 *
 * @throws PIPELINE_HALTED where the chain contradicts what was final, and errors of source or store that won't pass
 */
export async function runChainLoop(
  dependencies: ChainLoopDependencies,
  { domain, signal, queueBytes }: ChainLoopOptions,
): Promise<void> {
  const { source, chain, logger, metrics, probe, onFinalized } = dependencies;
  const retry = createRetry(
    { logger, metrics },
    { stage: "chain", signal, passOn: ["LEADERSHIP_LOST"], alsoRetry: NODE_CHANGED_ITS_MIND },
  );

  let cursor: bigint | null = null;
  const unwatch = watchNode(
    { health: source.health, cursor: () => cursor, logger, metrics },
    { everyMs: WATCH_MS },
  );
  try {
    await retry.run(followFromStore);
  } finally {
    unwatch();
  }

  async function followFromStore(): Promise<void> {
    const attempt = new AbortController();
    const position = await chain.position();
    cursor = position.cursor?.number ?? null;
    logger.info(
      {
        cursor: position.cursor?.number ?? null,
        finalized: position.finalized?.number ?? null,
        window: position.window.length,
      },
      "following the chain",
    );
    const updates = readAhead(source.follow(position, AbortSignal.any([signal, attempt.signal])), {
      weigh: weighUpdate,
      limit: queueBytes,
      onWeight: (bytes) => metrics.set("stemma_pipeline_queue_bytes", bytes),
    });
    // One range is decoded while the database works on the one before it.
    const decoded = readAhead(decodeEach(updates), {
      weigh: ({ type }) => (type === "range" ? 1 : 0),
      limit: 1,
    });
    try {
      for await (const update of decoded) {
        if (signal.aborted) break;
        await apply(update);
        retry.progressed();
      }
    } finally {
      attempt.abort();
    }
  }

  async function* decodeEach(updates: AsyncIterable<ChainUpdate>): AsyncGenerator<DecodedUpdate> {
    for await (const update of updates) {
      if (update.type !== "range") {
        yield update;
        continue;
      }
      const started = performance.now();
      const { logs, ...range } = update;
      const events = decodeLogs(logs, { registry: domain.registry, domain });
      observe("decode", started);
      yield { ...range, events };
    }
  }

  async function apply(update: DecodedUpdate): Promise<void> {
    if (update.type === "halted") {
      throw new StemmaError("PIPELINE_HALTED", { block: update.at, reason: update.reason });
    }
    metrics.set("stemma_chain_head_block", Number(update.head));
    if (update.type === "range") return commit(update);
    if (update.type === "reorg") return rewind(update);
    await probe?.at("beforeFinalize");
    await chain.finalize(update.block);
    metrics.set("stemma_chain_finalized_block", Number(update.block.number));
    await probe?.at("afterFinalize");
    onFinalized();
  }

  async function commit({ from, to, headers, events, head }: DecodedRange): Promise<void> {
    countEvents(events);
    await probe?.at("afterDecode");
    await probe?.at("beforeCommitRange");
    const commitStarted = performance.now();
    await chain.commitRange({ from, to, headers, events });
    observe("commit", commitStarted);
    await probe?.at("afterCommitRange");
    cursor = to;
    metrics.set("stemma_store_cursor_block", Number(to));
    metrics.set("stemma_chain_lag_blocks", Math.max(0, Number(head - to)));
    if (events.length > 0) logger.debug({ from, to, events: events.length }, "range stored");
  }

  async function rewind({ ancestor, depth }: ChainUpdate & { type: "reorg" }): Promise<void> {
    logger.warn(
      { ancestor: ancestor.number, hash: bytesToHex(ancestor.hash), depth },
      "chain reorganised, taking blocks back",
    );
    await probe?.at("beforeRewind");
    await chain.rewind(ancestor);
    await probe?.at("afterRewind");
    metrics.observe("stemma_chain_reorg_depth_blocks", depth);
    cursor = ancestor.number;
    metrics.set("stemma_store_cursor_block", Number(ancestor.number));
  }

  function countEvents(events: readonly ChainEvent[]): void {
    const counts = new Map<string, number>();
    for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const [kind, count] of counts) metrics.add("stemma_decode_events_total", count, { kind });
    const quarantined = counts.get("quarantined") ?? 0;
    if (quarantined === 0) return;
    metrics.add("stemma_decode_quarantined_total", quarantined);
    logger.warn({ quarantined }, "logs quarantined");
  }

  function observe(stage: "decode" | "commit", startedAtMs: number): void {
    metrics.observe("stemma_pipeline_stage_seconds", (performance.now() - startedAtMs) / 1000, { stage });
  }
}

function weighUpdate(update: ChainUpdate): number {
  if (update.type !== "range") return 1;
  return update.logs.reduce((bytes, log) => bytes + BYTES_PER_LOG + log.data.length / HEX_PER_BYTE, 1);
}
