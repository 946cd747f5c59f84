import type { NoteSigner } from "../../protocol/signedNote.ts";
import { type Checkpointer, createCheckpointer } from "../log/checkpointer.ts";
import type { LogHasher } from "../log/hasher.ts";
import { createLogBuilder, type LogBuilder } from "../log/logBuilder.ts";
import type { Clock } from "../model/clock.ts";
import type { PendingEntry } from "../model/log.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Probe } from "../model/probe.ts";
import type { LogStore } from "../model/store.ts";
import type { Bell } from "./bell.ts";
import type { Logger } from "./logger.ts";
import { createRetry } from "./retry.ts";

export type LogLoopDependencies = {
  readonly log: LogStore;
  readonly hasher: LogHasher;
  /** Its name is the log's origin. */
  readonly signer: NoteSigner;
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
  const { log, hasher, signer, clock, logger, metrics, bell, probe, onCheckpoint } = dependencies;
  const { epoch, signal, entries, intervalMs, batchEntries } = options;
  const retry = createRetry(
    { logger, metrics },
    { stage: "log", signal, passOn: ["LEADERSHIP_LOST"], alsoRetry: ["LOG_NOT_ADJACENT"] },
  );

  await retry.run(async () => {
    const builder = await createLogBuilder({ hasher }, { state: await log.state(), readTile: log.readTile });
    const checkpointer = await createCheckpointer(
      { log, signer },
      { everyEntries: BigInt(entries), everyMs: intervalMs },
    );
    while (!signal.aborted) {
      const pending = await log.pending(batchEntries);
      if (pending.length > 0) await append(builder, pending);
      if (checkpointer.due(builder, clock.now())) await writeCheckpoint(checkpointer, builder);
      retry.progressed();
      if (pending.length === batchEntries) continue;
      await bell.heard(Math.min(IDLE_MS, checkpointer.dueInMs(builder, clock.now()) ?? IDLE_MS), signal);
    }
  });

  async function append(builder: LogBuilder, pending: readonly PendingEntry[]): Promise<void> {
    const started = performance.now();
    const batch = await builder.append(pending, clock.now());
    await probe?.at("beforeAppend");
    await log.append(batch, epoch);
    await probe?.at("afterAppend");
    builder.commit();
    metrics.observe("stemma_pipeline_stage_seconds", (performance.now() - started) / 1000, {
      stage: "append",
    });
    metrics.set("stemma_log_size_entries", Number(builder.size));
    logger.debug({ size: builder.size, entries: pending.length }, "entries appended");
  }

  async function writeCheckpoint(
    checkpointer: Checkpointer,
    { size, root }: { size: bigint; root: Uint8Array },
  ): Promise<void> {
    await probe?.at("beforeCheckpoint");
    await checkpointer.write({ size, root }, epoch, clock.now());
    await probe?.at("afterCheckpoint");
    metrics.set("stemma_log_checkpoint_entries", Number(size));
    logger.info({ size, epoch }, "checkpoint signed");
    onCheckpoint();
  }
}
