import { advanceCandidacy, onCandidacyReply } from "./candidacy.ts";
import type { Draft } from "./draft.ts";
import type { Clock, ConductorOptions, ConductorState, Input, Request } from "./model.ts";
import { advanceWork, onWorkReply } from "./work.ts";

/** A conductor that has just started and knows nothing. */
export function initialState<Payload>(options: ConductorOptions): ConductorState<Payload> {
  return {
    options,
    nextId: 1,
    work: { step: "paused", untilMs: 0, from: "engine" },
    workRequest: null,
    candidacy: { step: "out", retryAtMs: 0 },
    candidacyRequest: null,
    local: null,
    caughtUp: false,
    troubleSinceMs: null,
    lastProblem: null,
    prunedBelow: 0n,
  };
}

/**
 * The whole conductor as a function: what it is after an input, and what it wants done. Two lanes, one request under way in each: the
 * node and the log in one, the election in the other. It reads no clock and does no I/O. Nothing in it is needed after a crash.
 */
export function step<Payload>(
  state: ConductorState<Payload>,
  input: Input<Payload>,
  clock: Clock,
): { state: ConductorState<Payload>; requests: readonly Request<Payload>[] } {
  const draft: Draft<Payload> = { ...state, clock, requests: [] };
  if (input.type === "logChanged" && draft.work.step === "idle") draft.work = { step: "idle", readAtMs: 0 };
  if (input.type === "reply" && input.id === draft.workRequest) {
    draft.workRequest = null;
    onWorkReply(draft, input.reply);
  } else if (input.type === "reply" && input.id === draft.candidacyRequest?.id) {
    const asked = draft.candidacyRequest;
    draft.candidacyRequest = null;
    onCandidacyReply(draft, asked, input.reply);
  }
  if (draft.candidacyRequest === null) advanceCandidacy(draft);
  if (draft.workRequest === null) advanceWork(draft);
  const { clock: _, requests, ...next } = draft;
  return { state: next, requests };
}
