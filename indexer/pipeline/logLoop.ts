import type { Clock } from "../model/clock.ts";
import type { LogBatch, LogState, PendingEntry } from "../model/log.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Probe } from "../model/probe.ts";
import type { LogStore } from "../model/store.ts";
import type { Bell } from "./bell.ts";
import type { Logger } from "./logger.ts";
import { createRetry } from "./retry.ts";

/** Builds the tree from one state of the log on. It holds the frontier, so a batch that was not stored makes it useless. */
export type LogAppender = {
  readonly append: (entries: readonly PendingEntry[], sequencedAt: number) => Promise<LogBatch>;
};

/** The log room, as the pipeline uses it. */
export type LogWriter = {
  readonly open: (state: LogState) => Promise<LogAppender>;
  /** The C2SP signed note of a checkpoint. */
  readonly sign: (checkpoint: { size: bigint; root: Uint8Array }) => string;
};

export type LogLoopDependencies = {
  readonly log: LogStore;
  readonly writer: LogWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bell: Bell;
  readonly probe?: Probe | undefined;
  /** Told of each new checkpoint: what the anchors wait for. */
  readonly onCheckpoint: () => void;
};

export type LogLoopOptions = {
  readonly epoch: bigint;
  readonly signal: AbortSignal;
  /** A checkpoint is due when this many entries wait for one, */
  readonly entries: number;
  /** or when the last one is this old and anything waits. */
  readonly intervalMs: number;
  /** Entries appended in one transaction. */
  readonly batchEntries: number;
};

/** Longest sleep: the bell is rung in this process only, and a look at the store costs little. */
const IDLE_MS = 5_000;

/**
 * Appends final entries to the log in the order of the chain, and signs checkpoints, until `signal` aborts. A checkpoint MUST be
 * durable before anyone sees it: the API shows what the store holds.
 *
 * @throws LEADERSHIP_LOST, and errors of the store that won't pass, such as CHECKPOINT_CONFLICT
 */
export async function runLogLoop(dependencies: LogLoopDependencies, options: LogLoopOptions): Promise<void> {
  const { log, writer, clock, logger, metrics, bell, probe, onCheckpoint } = dependencies;
  const { epoch, signal, entries, intervalMs, batchEntries } = options;
  const retry = createRetry({ logger, metrics }, { stage: "log", signal, passOn: ["LEADERSHIP_LOST"] });

  await retry.run(async () => {
    const state = await log.state();
    const appender = await writer.open(state);
    const last = await log.latestCheckpoint();
    let tree = { size: state.size, root: state.root };
    let covered = last?.size ?? 0n;
    // An old log that lacks its last checkpoint gets it at once; a new one waits for its first entries.
    let coveredAt = last?.createdAt ?? 0;
    show(tree.size, covered);

    while (!signal.aborted) {
      const pending = await log.pending(batchEntries);
      if (pending.length > 0) {
        tree = await append(appender, pending);
        retry.progressed();
      }
      if (isDue()) {
        await writeCheckpoint(tree);
        covered = tree.size;
        coveredAt = clock.now();
      }
      show(tree.size, covered);
      if (pending.length < batchEntries) await bell.heard(sleepMs(), signal);
    }

    function isDue(): boolean {
      const waiting = tree.size - covered;
      return waiting > 0n && (waiting >= BigInt(entries) || clock.now() - coveredAt >= intervalMs);
    }

    function sleepMs(): number {
      if (tree.size === covered) return IDLE_MS;
      return Math.min(IDLE_MS, Math.max(1, coveredAt + intervalMs - clock.now()));
    }
  });

  async function append(appender: LogAppender, pending: readonly PendingEntry[]) {
    const started = performance.now();
    const batch = await appender.append(pending, clock.now());
    await probe?.at("beforeAppend");
    await log.append(batch, epoch);
    await probe?.at("afterAppend");
    const size = batch.firstIndex + BigInt(batch.entries.length);
    metrics.observe("stemma_pipeline_stage_seconds", (performance.now() - started) / 1000, {
      stage: "append",
    });
    logger.debug({ size, entries: pending.length }, "entries appended");
    return { size, root: batch.root };
  }

  async function writeCheckpoint({ size, root }: { size: bigint; root: Uint8Array }): Promise<void> {
    const note = writer.sign({ size, root });
    await probe?.at("beforeCheckpoint");
    await log.writeCheckpoint({ size, root, epoch, note, createdAt: clock.now() });
    await probe?.at("afterCheckpoint");
    logger.info({ size, epoch }, "checkpoint signed");
    onCheckpoint();
  }

  function show(size: bigint, covered: bigint): void {
    metrics.set("stemma_log_size_entries", Number(size));
    metrics.set("stemma_log_checkpoint_entries", Number(covered));
  }
}
