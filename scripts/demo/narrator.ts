/** Tells a newcomer what happens, one line a step, with the seconds since the start. */
export type Narrator = {
  say(text: string): void;
  /** A line below a step. */
  detail(text: string): void;
  /** Seconds since the start, to the tenth. */
  seconds(): number;
};

/** `write` takes whole lines; `nowMs` is a monotonic clock. */
export function createNarrator(write: (line: string) => void, nowMs: () => number): Narrator {
  const startMs = nowMs();
  const seconds = () => Math.round((nowMs() - startMs) / 100) / 10;
  return {
    say: (text) => write(`${seconds().toFixed(1).padStart(6)} s  ${text}`),
    detail: (text) => write(`${" ".repeat(10)}${text}`),
    seconds,
  };
}
