import type { BlockPoint } from "../engine/payload.ts";
import { leave } from "./candidacy.ts";
import { type Draft, leadingFence, send } from "./draft.ts";
import type { Action, Reply, Work } from "./model.ts";

/** No header may be further ahead of the own clock. */
const MAX_AHEAD_MS = 1_000;

/** The lane's next request, if it rests and one is due. */
export function advanceWork<Payload>(draft: Draft<Payload>): undefined {
  const { work, clock } = draft;
  const now = clock.steadyMs;
  if (work.step === "paused" && now >= work.untilMs) {
    if (work.from === "engine") ask(draft, { step: "readEngine" }, { type: "readEngine" });
    else readLog(draft);
  } else if (work.step === "filling" && now >= work.untilMs) {
    const { payloadId, timestamp } = work;
    ask(draft, { step: "takeBuild", timestamp }, { type: "takeBuild", payloadId });
  } else if (work.step === "idle") {
    const fence = leadingFence(draft);
    if (fence === null) {
      if (now >= work.readAtMs) readLog(draft);
    } else lead(draft, fence);
  }
}

export function onWorkReply<Payload>(draft: Draft<Payload>, reply: Reply<Payload>): undefined {
  const { work } = draft;
  if (reply.type === "failed") return onFailure(draft, reply.problem);
  switch (work.step) {
    // The handshake after a start or a failure: a fork choice on what the node itself calls its head wakes it, and takes back what
    // it had called final before a crash lost it.
    case "readEngine":
      if (reply.type !== "engineAt") break;
      return ask(
        draft,
        { step: "handshake", point: reply.point },
        { type: "setHead", hash: reply.point.hash },
      );
    case "handshake":
      if (!isValid(reply)) break;
      return ask(draft, { step: "handshakeCheck", point: work.point }, { type: "readEngine" });
    case "handshakeCheck":
      if (!isAt(reply, work.point)) break;
      draft.local = work.point;
      return readLog(draft);
    case "readLog":
      if (reply.type !== "log") break;
      return onLog(draft, reply);
    case "insert":
      if (!isValid(reply)) break;
      return ask(
        draft,
        { step: "setHead", point: work.entry.point, isOwn: work.isOwn },
        { type: "setHead", hash: work.entry.point.hash },
      );
    case "setHead":
      if (!isValid(reply)) break;
      return ask(draft, { step: "check", point: work.point, isOwn: work.isOwn }, { type: "readEngine" });
    case "check":
      // VALID is no proof: the head must have moved.
      if (!isAt(reply, work.point)) break;
      draft.local = work.point;
      draft.troubleSinceMs = null;
      return work.isOwn ? rest(draft) : readLog(draft);
    case "fetch":
      if (reply.type !== "status" || reply.status === "INVALID") break;
      return ask(draft, { step: "fetchCheck", target: work.target }, { type: "readEngine" });
    case "fetchCheck":
      if (reply.type !== "engineAt") break;
      draft.local = reply.point;
      if (reply.point.hash !== work.target.hash)
        return pause(draft, "log", "the node fetches blocks that the log no longer holds");
      return readLog(draft);
    case "startBuild":
      if (reply.type !== "buildStarted") break;
      draft.work = {
        step: "filling",
        payloadId: reply.payloadId,
        timestamp: work.timestamp,
        untilMs: draft.clock.steadyMs + draft.options.buildMs,
      };
      return;
    case "takeBuild":
      return onBuilt(draft, work.timestamp, reply);
    case "commit":
      if (reply.type === "committed")
        return ask(
          draft,
          { step: "insert", entry: work.entry, isOwn: true },
          { type: "insert", entry: work.entry },
        );
      if (reply.type !== "refused") break;
      if (reply.fenced) leave(draft);
      return readLog(draft);
    case "prune":
      if (reply.type === "done") draft.prunedBelow = work.below;
      else if (reply.type === "refused") leave(draft);
      return rest(draft);
    default:
      return;
  }
  const what = reply.type === "status" ? reply.status : reply.type;
  pause(draft, "engine", `${work.step} was answered with ${what}`);
}

/** Compares the node with the log: it follows, stands at the head, or must not go on. */
function onLog<Payload>(draft: Draft<Payload>, reply: Reply<Payload> & { type: "log" }): undefined {
  const { local } = draft;
  const { head, next, fetch } = reply;
  if (local === null) return pause(draft, "engine", "the node's head isn't known");
  if (local.height > head.height)
    return halt(draft, `the node is at ${local.height}, the log ends at ${head.height}`);
  if (local.height === head.height) {
    if (local.hash !== head.hash) return halt(draft, `the node's block ${local.height} isn't the log's`);
    draft.caughtUp = true;
    draft.troubleSinceMs = null;
    draft.lastProblem = null;
    return rest(draft);
  }
  if (next === null)
    return ask(draft, { step: "fetch", target: fetch }, { type: "setHead", hash: fetch.hash });
  if (next.parentHash !== local.hash) return halt(draft, `the node's block ${local.height} isn't the log's`);
  ask(draft, { step: "insert", entry: next, isOwn: false }, { type: "insert", entry: next });
}

function lead<Payload>(draft: Draft<Payload>, fence: bigint): undefined {
  const { local, clock, options, prunedBelow } = draft;
  if (local === null) return readLog(draft);
  const below = local.height - options.keepHeights;
  if (below >= prunedBelow + options.pruneEvery)
    return ask(draft, { step: "prune", below }, { type: "prune", below, fence });
  const slot = local.timestamp + BigInt(options.blockPeriodSeconds);
  const slotMs = Number(slot) * 1_000;
  // The block is filled before its second begins, so that it is committed when it does.
  if (clock.wallMs < slotMs - Math.min(options.buildMs, MAX_AHEAD_MS)) return;
  const present = BigInt(Math.floor(clock.wallMs / 1_000));
  const timestamp = present > slot ? present : slot;
  const parent = { height: local.height, hash: local.hash };
  ask(draft, { step: "startBuild", timestamp }, { type: "startBuild", parent, timestamp });
}

function onBuilt<Payload>(draft: Draft<Payload>, timestamp: bigint, reply: Reply<Payload>): undefined {
  const { local } = draft;
  if (reply.type !== "built" || local === null) return pause(draft, "engine", "no block was built");
  const { entry } = reply;
  const fits =
    entry.parentHash === local.hash &&
    entry.point.height === local.height + 1n &&
    entry.point.timestamp === timestamp;
  if (!fits) return pause(draft, "engine", "the block that was built isn't the one that was asked for");
  const fence = leadingFence(draft);
  if (fence === null) return readLog(draft);
  ask(draft, { step: "commit", entry }, { type: "commit", entry, fence });
}

function onFailure<Payload>(draft: Draft<Payload>, problem: string): undefined {
  const { step } = draft.work;
  // What became of a commit isn't known: the log is read before anything else is tried.
  if (step === "commit" || step === "readLog" || step === "prune") {
    draft.lastProblem = problem;
    draft.work = { step: "paused", untilMs: draft.clock.steadyMs + draft.options.retryMs, from: "log" };
  } else pause(draft, "engine", problem);
}

/** The node is in trouble: tries again in a while, from the handshake or from the log. */
function pause<Payload>(draft: Draft<Payload>, from: "engine" | "log", problem: string): undefined {
  const now = draft.clock.steadyMs;
  draft.troubleSinceMs ??= now;
  draft.lastProblem = problem;
  draft.work = { step: "paused", untilMs: now + draft.options.retryMs, from };
}

/** Going on would contradict what is committed: a person must look. */
function halt<Payload>(draft: Draft<Payload>, reason: string): undefined {
  draft.work = { step: "halted", reason };
  draft.lastProblem = reason;
}

function rest<Payload>(draft: Draft<Payload>): undefined {
  draft.work = { step: "idle", readAtMs: draft.clock.steadyMs + draft.options.pollMs };
}

function readLog<Payload>(draft: Draft<Payload>): undefined {
  if (draft.local === null) return ask(draft, { step: "readEngine" }, { type: "readEngine" });
  ask(draft, { step: "readLog" }, { type: "readLog", after: draft.local.height });
}

function ask<Payload>(draft: Draft<Payload>, work: Work<Payload>, action: Action<Payload>): undefined {
  draft.work = work;
  draft.workRequest = send(draft, action);
}

function isValid<Payload>(reply: Reply<Payload>): boolean {
  return reply.type === "status" && reply.status === "VALID";
}

function isAt<Payload>(reply: Reply<Payload>, point: BlockPoint): boolean {
  return reply.type === "engineAt" && reply.point.height === point.height && reply.point.hash === point.hash;
}
