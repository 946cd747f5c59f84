import type { Action, Clock, ConductorState, Request } from "./model.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The state while one input is worked in. */
export type Draft<Payload> = Mutable<ConductorState<Payload>> & {
  readonly clock: Clock;
  readonly requests: Request<Payload>[];
};

/** Sends a request and returns its id. */
export function send<Payload>(draft: Draft<Payload>, action: Action<Payload>): number {
  const id = draft.nextId++;
  draft.requests.push({ id, action });
  return id;
}

/** The fencing token, while the lease surely runs; null otherwise. */
export function leadingFence<Payload>(draft: Draft<Payload>): bigint | null {
  const { candidacy, clock } = draft;
  return candidacy.step === "leading" && clock.steadyMs < candidacy.untilMs ? candidacy.fence : null;
}

/** True while the node may lead: caught up once, and not in trouble for too long. */
export function isHealthy<Payload>(draft: Draft<Payload>): boolean {
  const { caughtUp, troubleSinceMs, clock, options, work } = draft;
  if (work.step === "halted") return false;
  if (troubleSinceMs === null) return caughtUp;
  return caughtUp && clock.steadyMs - troubleSinceMs <= options.unhealthyMs;
}
