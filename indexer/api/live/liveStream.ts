import { setTimeout as sleep } from "node:timers/promises";
import { isStemmaError } from "../../../protocol/errors.ts";
import { type ApiContext, renewLoaders } from "../context.ts";
import { createWakeUp } from "./wakeUp.ts";

/** Pause before the store is asked again after an error that may pass. */
const RETRY_MS = 1_000;

/**
 * A subscription that reads from the store whenever something changed. `drain` yields what is new and ends when there is nothing
 * more; it MUST keep its own place, so that it can be called again, also after it failed.
 *
 * Events are made one at a time, when the client has taken the one before: a slow client costs one page of rows, not more. The
 * stream ends when the client leaves or the server closes, and counts against the limit of open subscriptions until then.
 *
 * @throws SUBSCRIPTIONS_EXHAUSTED
 */
export function liveStream<Event>(
  context: ApiContext,
  drain: () => AsyncIterable<Event>,
  options: { readonly isLast?: (event: Event) => boolean } = {},
): AsyncIterableIterator<Event> {
  context.live.enter();
  const { closing } = context;
  const { signal } = context.abort;
  const wakeUp = createWakeUp(context.sources.changes);
  let isOpen = true;
  const leave = () => {
    if (!isOpen) return;
    isOpen = false;
    wakeUp.stop();
    closing.removeEventListener("abort", leave);
    context.live.leave();
    if (!signal.aborted) context.abort.abort();
  };
  signal.addEventListener("abort", leave, { once: true });
  closing.addEventListener("abort", leave, { once: true });
  if (signal.aborted || closing.aborted) leave();

  const events = follow();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      try {
        const result = await events.next();
        if (result.done) leave();
        return result;
      } catch (error) {
        leave();
        throw error;
      }
    },
    return: async () => {
      // Ends a pending wait first: the generator can only return once it is idle.
      leave();
      await events.return();
      return { done: true, value: undefined };
    },
  };

  async function* follow(): AsyncGenerator<Event, void, undefined> {
    while (!signal.aborted) {
      try {
        for await (const event of drain()) {
          renewLoaders(context);
          yield event;
          if (options.isLast?.(event)) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isStemmaError(error) || !error.retry) throw error;
        context.sources.logger.warn({ err: error }, "A subscription waits for the store");
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      await wakeUp.wait(signal);
    }
  }
}
