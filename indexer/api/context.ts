import { StemmaError } from "../../protocol/errors.ts";
import type { ApiLimits } from "./limits/apiLimits.ts";
import { createLoaders, type Loaders } from "./loaders.ts";
import type { ApiSources } from "./ports.ts";

/** What every resolver gets. One per request. */
export type ApiContext = {
  readonly sources: ApiSources;
  readonly limits: ApiLimits;
  readonly live: LiveCounter;
  /** Aborts when the server closes: open subscriptions then complete, queries still finish. */
  readonly closing: AbortSignal;
  /** Ends the request's SQL: the client went away, the time is up, or the subscription ended. */
  readonly abort: AbortController;
  /** Replaced before each event of a subscription, so that no event shows what an earlier one saw. */
  loaders: Loaders;
};

/** Counts the subscriptions that are open, over all requests. */
export type LiveCounter = {
  readonly open: () => number;
  /** @throws SUBSCRIPTIONS_EXHAUSTED */
  readonly enter: () => void;
  readonly leave: () => void;
};

/** A counter that refuses more than `limit` subscriptions. */
export function createLiveCounter(limit: number): LiveCounter {
  let count = 0;
  return {
    open: () => count,
    enter: () => {
      if (count >= limit) throw new StemmaError("SUBSCRIPTIONS_EXHAUSTED", { limit });
      count++;
    },
    leave: () => {
      count--;
    },
  };
}

/** The context of one request; `ended` is the signal of the request itself. */
export function createContext(
  shared: Pick<ApiContext, "sources" | "limits" | "live" | "closing">,
  ended: AbortSignal,
): ApiContext {
  const abort = new AbortController();
  if (ended.aborted) abort.abort(ended.reason);
  else ended.addEventListener("abort", () => abort.abort(ended.reason), { once: true });
  return { ...shared, abort, loaders: createLoaders(shared.sources.reader, abort.signal) };
}

/** Forgets what the loaders have seen. */
export function renewLoaders(context: ApiContext): void {
  context.loaders = createLoaders(context.sources.reader, context.abort.signal);
}
