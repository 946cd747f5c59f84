import { type Draft, isHealthy, send } from "./draft.ts";
import type { Action, Candidacy, Lease, Reply } from "./model.ts";

type Asked = { readonly type: string; readonly askedAtMs: number };

/** The election's next request, if one is due. */
export function advanceCandidacy<Payload>(draft: Draft<Payload>): undefined {
  const { candidacy, clock, options } = draft;
  const now = clock.steadyMs;
  if (candidacy.step === "out") {
    if (!isHealthy(draft) || now < candidacy.retryAtMs) return;
    draft.candidacy = { step: "granting", askedAtMs: now };
    return ask(draft, { type: "grantLease" });
  }
  if (candidacy.step === "granting") return;
  if (!isHealthy(draft)) {
    leave(draft);
    return ask(draft, { type: "revoke", lease: candidacy.lease });
  }
  // The lease may have run out: whoever is next may lead already. It may still live in etcd, so it is given back.
  if (now >= candidacy.untilMs) {
    leave(draft);
    return ask(draft, { type: "revoke", lease: candidacy.lease });
  }
  if (now >= candidacy.renewAtMs) return ask(draft, { type: "keepAlive", lease: candidacy.lease });
  if (candidacy.step === "standing") return ask(draft, { type: "stand", lease: candidacy.lease });
  if (candidacy.step === "waiting" && now >= candidacy.readAtMs) {
    draft.candidacy = { ...candidacy, readAtMs: now + options.pollMs };
    ask(draft, { type: "readElection", fence: candidacy.fence });
  }
}

export function onCandidacyReply<Payload>(
  draft: Draft<Payload>,
  asked: Asked,
  reply: Reply<Payload>,
): undefined {
  const { candidacy, clock, options } = draft;
  const now = clock.steadyMs;
  if (candidacy.step === "out") return;
  if (candidacy.step === "granting") {
    if (reply.type !== "leaseGranted") return leave(draft);
    const { lease, ttlMs } = reply;
    draft.candidacy = { step: "standing", lease, ttlMs, ...term(asked.askedAtMs, ttlMs) };
    return;
  }
  switch (reply.type) {
    case "leaseGone":
      return leave(draft);
    case "done":
      if (asked.type === "keepAlive")
        draft.candidacy = { ...candidacy, ...term(asked.askedAtMs, candidacy.ttlMs) };
      return;
    case "standing":
      draft.candidacy = { ...lease(candidacy), step: "waiting", fence: reply.fence, readAtMs: now };
      return;
    case "place":
      if (candidacy.step !== "waiting") return;
      if (reply.place === "gone") return leave(draft);
      if (reply.place === "first")
        draft.candidacy = { ...lease(candidacy), step: "leading", fence: candidacy.fence };
      return;
    case "failed":
      // All of these may be asked again; the pause keeps an etcd that is gone from being asked in a loop.
      draft.lastProblem = reply.problem;
      if (asked.type === "keepAlive") draft.candidacy = { ...candidacy, renewAtMs: now + options.retryMs };
      else if (candidacy.step === "standing") leave(draft);
      return;
    default:
      return;
  }
}

/** Leaves the election, to stand again later. What is under way with the old token is refused by the log. */
export function leave<Payload>(draft: Draft<Payload>): undefined {
  draft.candidacy = { step: "out", retryAtMs: draft.clock.steadyMs + draft.options.retryMs };
}

function ask<Payload>(draft: Draft<Payload>, action: Action<Payload>): undefined {
  draft.candidacyRequest = { id: send(draft, action), type: action.type, askedAtMs: draft.clock.steadyMs };
}

function term(askedAtMs: number, ttlMs: number) {
  return { untilMs: askedAtMs + ttlMs, renewAtMs: askedAtMs + Math.floor(ttlMs / 3) };
}

function lease(candidacy: Lease & Candidacy): Lease {
  const { lease, ttlMs, untilMs, renewAtMs } = candidacy;
  return { lease, ttlMs, untilMs, renewAtMs };
}
