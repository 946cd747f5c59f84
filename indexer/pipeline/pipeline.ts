import type { Hex } from "../../protocol/bytes.ts";
import { describeError, isStemmaError, StemmaError } from "../../protocol/errors.ts";
import type { NoteSigner } from "../../protocol/signedNote.ts";
import type { Anchorer } from "../anchor/anchorer.ts";
import type { LogHasher } from "../log/hasher.ts";
import type { ChainSource } from "../model/chain.ts";
import type { Clock } from "../model/clock.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Probe } from "../model/probe.ts";
import type { ChainStore, Leadership, LogStore, Ownership } from "../model/store.ts";
import { runAnchorLoop } from "./anchorLoop.ts";
import { createBell } from "./bell.ts";
import { runChainLoop } from "./chainLoop.ts";
import { checkIdentity, type ExpectedChain } from "./identity.ts";
import type { Logger } from "./logger.ts";
import { runLogLoop } from "./logLoop.ts";
import { pause } from "./pause.ts";
import { createRetry } from "./retry.ts";

export type PipelineDependencies = {
  readonly source: ChainSource;
  readonly store: { readonly chain: ChainStore; readonly log: LogStore };
  readonly hasher: LogHasher;
  /** Signs checkpoints; its name is the log's origin. */
  readonly signer: NoteSigner;
  readonly anchorer: Anchorer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly probe?: Probe | undefined;
};

export type PipelineOptions = {
  readonly expected: ExpectedChain;
  readonly owner: Omit<Ownership, "chain">;
  readonly registry: Hex;
  readonly checkpoint: { readonly entries: number; readonly intervalMs: number };
  /** Time between two looks at open anchors. */
  readonly anchorPollMs?: number;
  /** Time between two tries to become the leader. */
  readonly leadPollMs?: number;
  /** Bytes of log data that may wait for the store. */
  readonly queueBytes?: number;
  /** Entries appended to the log in one transaction. */
  readonly batchEntries?: number;
};

/** What the process knows of its own work. */
export type PipelineStatus = {
  /** Epoch under which this process writes; null where it only reads. */
  readonly epoch: bigint | null;
  /** Why indexing stopped for good; null while it goes on. Reads go on in either case. */
  readonly halted: string | null;
  /** Why anchoring stopped for good; null while it goes on. */
  readonly anchoringStopped: string | null;
};

export type Pipeline = {
  /** Works until `signal` aborts, and then finishes the steps in hand. Never throws: `status` says what went wrong. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly status: () => PipelineStatus;
};

const ANCHOR_POLL_MS = 1_000;
const LEAD_POLL_MS = 1_000;
/** Bytes of log data that may wait for the store, by default. */
export const QUEUE_BYTES = 8 * 1024 * 1024;
/** Entries appended to the log in one transaction, by default. */
export const BATCH_ENTRIES = 16_384;
/** Errors that say that another process leads. The term ends, and the next election begins. */
const DEPOSED = ["LEADERSHIP_LOST", "ANCHORING_DEPOSED"];

/**
 * Wires the rooms: chain -> decode -> store, final entries -> log -> checkpoint, checkpoint -> chain. One process writes at a time,
 * elected by the store; the others wait. Every step is idempotent and starts from what the store holds, so a process MAY be killed
 * anywhere: the next one goes on and writes the same rows.
 */
export function createPipeline(dependencies: PipelineDependencies, options: PipelineOptions): Pipeline {
  const { source, store, hasher, signer, anchorer, clock, logger, metrics, probe } = dependencies;
  const status: { -readonly [Key in keyof PipelineStatus]: PipelineStatus[Key] } = {
    epoch: null,
    halted: null,
    anchoringStopped: null,
  };

  async function run(signal: AbortSignal): Promise<void> {
    metrics.set("stemma_pipeline_leader_state", 0);
    const retry = createRetry({ logger, metrics }, { stage: "lead", signal });
    try {
      await retry.run(async () => {
        while (!signal.aborted) {
          await lead(signal);
          retry.progressed();
          await pause(options.leadPollMs ?? LEAD_POLL_MS, signal);
        }
      });
    } catch (error) {
      status.halted = describeError(error);
      logger.error({ err: error, code: isStemmaError(error) ? error.code : null }, "indexing halted");
      metrics.set("stemma_pipeline_stall_state", 1, { stage: "lead", reason: nameOf(error) });
      await untilAborted(signal);
    }
  }

  /** One term of leadership, or nothing where another process leads. */
  async function lead(signal: AbortSignal): Promise<void> {
    const chain = await checkIdentity(source, options.expected);
    await store.chain.claim({ ...options.owner, chain });
    const leadership = await store.log.lead(await contractEpoch());
    if (leadership === null) return;
    status.epoch = leadership.epoch;
    metrics.set("stemma_pipeline_leader_state", 1);
    logger.info({ epoch: leadership.epoch }, "leading");
    try {
      await probe?.at("afterLead");
      await serve(leadership, signal);
    } finally {
      status.epoch = null;
      metrics.set("stemma_pipeline_leader_state", 0);
      await leadership.resign().catch((error: unknown) => logger.warn({ err: error }, "resigning failed"));
      logger.info({ epoch: leadership.epoch }, "resigned");
    }
  }

  /** The contract's epoch, where it can be read: a rebuilt database forgot it. A chain that is down stops anchoring, not indexing. */
  async function contractEpoch(): Promise<bigint> {
    return anchorer.contractEpoch().catch((error: unknown) => {
      if (isStemmaError(error) && error.retry) return 0n;
      throw error;
    });
  }

  async function serve({ epoch, lost }: Leadership, signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    const term = AbortSignal.any([signal, lost, end.signal]);
    const logBell = createBell();
    const anchorBell = createBell();
    const shared = { logger, metrics, probe };
    const onFinalized = () => {
      logBell.ring();
      anchorBell.ring();
    };
    const log = {
      ...shared,
      ...{ log: store.log, hasher, signer, clock },
      bell: logBell,
      onCheckpoint: anchorBell.ring,
    };
    const anchor = { ...shared, anchorer, chain: store.chain, log: store.log, bell: anchorBell };
    const loops = [
      runChainLoop(
        { ...shared, source, chain: store.chain, onFinalized },
        {
          domain: { chainId: options.expected.chainId, registry: options.registry },
          signal: term,
          queueBytes: options.queueBytes ?? QUEUE_BYTES,
        },
      ),
      runLogLoop(log, {
        ...options.checkpoint,
        epoch,
        signal: term,
        batchEntries: options.batchEntries ?? BATCH_ENTRIES,
      }),
      runAnchorLoop(anchor, { epoch, signal: term, pollMs: options.anchorPollMs ?? ANCHOR_POLL_MS }).catch(
        stopAnchoring,
      ),
    ];
    // One loop's failure ends the term for all of them; each finishes the step that it is in.
    const ends = await Promise.allSettled(
      loops.map((loop) =>
        loop.catch((error: unknown) => {
          end.abort();
          throw error;
        }),
      ),
    );
    const errors = ends.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    const fatal = errors.find((error) => !isDeposed(error)) ?? null;
    if (fatal !== null) throw fatal;
    if (errors.length > 0 || lost.aborted) logger.warn({ epoch, err: errors[0] }, "leadership ended");
  }

  /** A refusal by the contract ends anchoring, not indexing: what is in the log stays provable against its signed checkpoints. */
  function stopAnchoring(error: unknown): void {
    if (isDeposed(error)) throw error;
    status.anchoringStopped = describeError(error);
    metrics.set("stemma_pipeline_stall_state", 1, { stage: "anchor", reason: nameOf(error) });
    logger.error({ err: error, code: isStemmaError(error) ? error.code : null }, "anchoring stopped");
  }

  return { run, status: () => ({ ...status }) };
}

function isDeposed(error: unknown): boolean {
  return error instanceof StemmaError && DEPOSED.includes(error.name);
}

function nameOf(error: unknown): string {
  return isStemmaError(error) ? error.name : "UNKNOWN";
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
