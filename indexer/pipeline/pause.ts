import { setTimeout as wait } from "node:timers/promises";

/** Waits, or returns early once `signal` aborts. Never throws. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
