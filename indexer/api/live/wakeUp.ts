import type { ChangeFeed } from "../../model/reader.ts";

/** Sleeps until something may have changed. Holds one flag, however many changes come in. */
export type WakeUp = {
  /** Resolves at the first change since the last call, or when `signal` aborts. */
  readonly wait: (signal: AbortSignal) => Promise<void>;
  readonly stop: () => void;
};

/** Subscribes to the changes at once, so that a change during the first read isn't missed. */
export function createWakeUp(changes: ChangeFeed): WakeUp {
  let changed = false;
  let wake: (() => void) | null = null;
  const stop = changes.subscribe(() => {
    changed = true;
    wake?.();
  });
  return {
    wait: async (signal) => {
      if (!changed && !signal.aborted) {
        const woken = Promise.withResolvers<void>();
        const resume = () => woken.resolve();
        wake = resume;
        signal.addEventListener("abort", resume, { once: true });
        await woken.promise;
        // A subscription may live for months: nothing may be left on its signal.
        signal.removeEventListener("abort", resume);
      }
      wake = null;
      changed = false;
    },
    stop,
  };
}
