import type { ChainHealth } from "../model/chain.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Logger } from "./logger.ts";

export type WatchNodeDependencies = {
  readonly health: () => ChainHealth;
  /** Newest block in the index; null before there is one. */
  readonly cursor: () => bigint | null;
  readonly logger: Logger;
  readonly metrics: Metrics;
};

/** Reason under which a stall of the node is measured. */
const REASON = "NODE";

/**
 * Looks at the node's health once in a while: the chain source asks a failing node again by itself and says nothing to the pipeline
 * meanwhile, but operators want to know. Returns the function that ends it.
 */
export function watchNode(
  { health, cursor, logger, metrics }: WatchNodeDependencies,
  { everyMs }: { readonly everyMs: number },
): () => void {
  let failing = false;

  function look(): void {
    const { head, nodeError } = health();
    const at = cursor();
    if (head !== null) {
      metrics.set("stemma_chain_head_block", Number(head));
      if (at !== null) metrics.set("stemma_chain_lag_blocks", Math.max(0, Number(head - at)));
    }
    if ((nodeError !== null) === failing) return;
    failing = nodeError !== null;
    metrics.set("stemma_pipeline_stall_state", failing ? 1 : 0, { stage: "chain", reason: REASON });
    if (failing) logger.warn({ nodeError }, "the node fails, asking again");
    else logger.info({ head }, "the node answers again");
  }

  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (failing) metrics.set("stemma_pipeline_stall_state", 0, { stage: "chain", reason: REASON });
  };
}
