import type { Anchorer } from "../anchor/anchorer.ts";
import type { Metrics } from "../model/metrics.ts";
import type { ChainStore, LogStore } from "../model/store.ts";
import type { Bell } from "./bell.ts";
import type { Logger } from "./logger.ts";
import { createRetry } from "./retry.ts";

export type AnchorLoopDependencies = {
  readonly anchorer: Anchorer;
  readonly chain: Pick<ChainStore, "position">;
  readonly log: Pick<LogStore, "state">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bell: Bell;
};

export type AnchorLoopOptions = {
  readonly epoch: bigint;
  readonly signal: AbortSignal;
  /** Time between two looks at open anchors, when nothing rings. */
  readonly pollMs: number;
};

/**
 * Steps the anchorer whenever a checkpoint or a final block makes it worth while, until `signal` aborts.
 *
 * @throws ANCHORING_DEPOSED, LEADERSHIP_LOST: the leadership is over; ANCHORING_* without retry: anchoring has to stop
 */
export async function runAnchorLoop(
  { anchorer, chain, log, logger, metrics, bell }: AnchorLoopDependencies,
  { epoch, signal, pollMs }: AnchorLoopOptions,
): Promise<void> {
  const retry = createRetry(
    { logger, metrics },
    { stage: "anchor", signal, passOn: ["ANCHORING_DEPOSED", "LEADERSHIP_LOST"] },
  );
  await retry.run(async () => {
    while (!signal.aborted) {
      const started = performance.now();
      const { finalized } = await chain.position();
      const progress = await anchorer.step({ epoch, finalized: finalized?.number ?? null });
      const { size } = await log.state();
      metrics.observe("stemma_pipeline_stage_seconds", (performance.now() - started) / 1000, {
        stage: "anchor",
      });
      metrics.set("stemma_anchor_size_entries", Number(progress.anchoredSize));
      metrics.set("stemma_anchor_lag_entries", Math.max(0, Number(size - progress.anchoredSize)));
      metrics.set("stemma_anchor_open_rows", progress.open);
      metrics.set("stemma_anchor_oldest_seconds", progress.oldestOpenMs / 1000);
      retry.progressed();
      await bell.heard(pollMs, signal);
    }
  });
}
