import { isStemmaError } from "../../protocol/errors.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Logger } from "./logger.ts";
import { pause } from "./pause.ts";

export type StageName = "chain" | "log" | "anchor" | "lead";

export type RetryDependencies = { readonly logger: Logger; readonly metrics: Metrics };

export type RetryOptions = {
  readonly stage: StageName;
  readonly signal: AbortSignal;
  /** Coded errors that end the attempts although they are marked for retry: somebody else handles them. */
  readonly passOn?: readonly string[];
  /** Coded errors that pass here although they are not marked for retry: the work starts anew from the store. */
  readonly alsoRetry?: readonly string[];
  readonly leastMs?: number;
  readonly mostMs?: number;
};

export type Retry = {
  /**
   * Runs `work` until it ends or `signal` aborts. After an error that may pass it waits, twice as long each time, and runs it again.
   *
   * @throws errors that won't pass by themselves
   */
  readonly run: (work: () => Promise<void>) => Promise<void>;
  /** Says that work goes forward again: the next error starts with the shortest wait. */
  readonly progressed: () => void;
};

const LEAST_MS = 100;
const MOST_MS = 10_000;
/** Errors without a code may be passing troubles of a library, or defects: they get this many attempts in a row. */
const UNKNOWN_ATTEMPTS = 5;

/** Back-off of one stage, with the reason of its stall in log and metrics. */
export function createRetry({ logger, metrics }: RetryDependencies, options: RetryOptions): Retry {
  const { stage, signal, passOn = [], alsoRetry = [], leastMs = LEAST_MS, mostMs = MOST_MS } = options;
  let attempt = 0;
  let stalled: string | null = null;

  function progressed(): void {
    attempt = 0;
    if (stalled === null) return;
    metrics.set("stemma_pipeline_stall_state", 0, { stage, reason: stalled });
    logger.info({ stage, reason: stalled }, "stage goes on");
    stalled = null;
  }

  async function waitAfter(error: unknown): Promise<void> {
    const reason = isStemmaError(error) ? error.name : "UNKNOWN";
    const waitMs = Math.min(mostMs, leastMs * 2 ** attempt);
    attempt += 1;
    metrics.add("stemma_pipeline_retries_total", 1, { stage, code: reason });
    if (stalled !== reason) {
      if (stalled !== null) metrics.set("stemma_pipeline_stall_state", 0, { stage, reason: stalled });
      metrics.set("stemma_pipeline_stall_state", 1, { stage, reason });
      logger.warn({ stage, reason, waitMs, err: error }, "stage waits");
      stalled = reason;
    }
    await pause(waitMs, signal);
  }

  return {
    progressed,
    run: async (work) => {
      while (!signal.aborted) {
        try {
          return await work();
        } catch (error) {
          if (signal.aborted) return;
          if (!passes(error) || (isStemmaError(error) && passOn.includes(error.name))) throw error;
          await waitAfter(error);
        }
      }
    },
  };

  function passes(error: unknown): boolean {
    if (!isStemmaError(error)) return attempt < UNKNOWN_ATTEMPTS;
    return error.retry || (alsoRetry.includes(error.name) && attempt < UNKNOWN_ATTEMPTS);
  }
}
