/** Wakes a loop that has nothing to do. A ring while nobody waits is kept, so that none is missed. */
export type Bell = {
  readonly ring: () => void;
  /** Resolves at the next ring, after `timeoutMs`, or once `signal` aborts. */
  readonly heard: (timeoutMs: number, signal: AbortSignal) => Promise<void>;
};

/** Makes a bell for one listener. */
export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    heard: async (timeoutMs, signal) => {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener("abort", wake, { once: true });
        });
        if (wake !== null) signal.removeEventListener("abort", wake);
        wake = null;
      }
      rung = false;
    },
  };
}
