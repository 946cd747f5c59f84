import type { Hex } from "../../../protocol/bytes.ts";
import type { PayloadStatus } from "../engine/engineClient.ts";
import type { BlockPoint } from "../engine/payload.ts";

/** A block as the log holds it; the core doesn't look into the payload. */
export type LogEntry<Payload> = {
  readonly point: BlockPoint;
  readonly parentHash: Hex;
  readonly payload: Payload;
};

export type LogHead = { readonly height: bigint; readonly hash: Hex };

/** What the core wants done. Every request is answered once, with its own reply or with `failed`. */
export type Action<Payload> =
  | { readonly type: "readEngine" }
  | { readonly type: "setHead"; readonly hash: Hex }
  | { readonly type: "insert"; readonly entry: LogEntry<Payload> }
  | { readonly type: "startBuild"; readonly parent: LogHead; readonly timestamp: bigint }
  | { readonly type: "takeBuild"; readonly payloadId: Hex }
  | { readonly type: "readLog"; readonly after: bigint }
  | { readonly type: "commit"; readonly entry: LogEntry<Payload>; readonly fence: bigint }
  | { readonly type: "prune"; readonly below: bigint; readonly fence: bigint }
  | { readonly type: "grantLease" }
  | { readonly type: "keepAlive"; readonly lease: bigint }
  | { readonly type: "stand"; readonly lease: bigint }
  | { readonly type: "readElection"; readonly fence: bigint }
  | { readonly type: "revoke"; readonly lease: bigint };

export type Reply<Payload> =
  /** No answer, or one that says nothing: whether it was done isn't known. */
  | { readonly type: "failed"; readonly problem: string }
  | { readonly type: "engineAt"; readonly point: BlockPoint }
  | { readonly type: "status"; readonly status: PayloadStatus }
  | { readonly type: "buildStarted"; readonly payloadId: Hex }
  | { readonly type: "built"; readonly entry: LogEntry<Payload> }
  /**
   * `next` follows the height that was asked for; null where the log hasn't got it (any more) or it is damaged. Only peers can help
   * then: `fetch` is the block that they are asked for, the last one before what the log still holds.
   */
  | {
      readonly type: "log";
      readonly head: LogHead;
      readonly next: LogEntry<Payload> | null;
      readonly fetch: LogHead;
    }
  | { readonly type: "committed" }
  /** `fenced`: the election key is another's by now; else the log has moved on. */
  | { readonly type: "refused"; readonly fenced: boolean }
  | { readonly type: "done" }
  | { readonly type: "leaseGranted"; readonly lease: bigint; readonly ttlMs: number }
  | { readonly type: "leaseGone" }
  /** The fencing token: the revision at which the own election key was created. */
  | { readonly type: "standing"; readonly fence: bigint }
  /** Place in the queue of candidates: first leads; gone where the own key isn't there. */
  | { readonly type: "place"; readonly place: "first" | "later" | "gone" };

export type Clock = {
  /** Milliseconds since 1970: for the time in headers only. */
  readonly wallMs: number;
  /** Milliseconds of a clock that never jumps: for leases and pauses. */
  readonly steadyMs: number;
};

export type Input<Payload> =
  | { readonly type: "tick" }
  /** The log was seen to change: read it now rather than at the next turn. */
  | { readonly type: "logChanged" }
  | { readonly type: "reply"; readonly id: number; readonly reply: Reply<Payload> };

export type Request<Payload> = { readonly id: number; readonly action: Action<Payload> };

export type ConductorOptions = {
  readonly blockPeriodSeconds: number;
  /** How long the node may fill a block. */
  readonly buildMs: number;
  readonly pollMs: number;
  readonly retryMs: number;
  /** A node in trouble for longer doesn't lead nor stand. */
  readonly unhealthyMs: number;
  /** Heights that the log keeps at least. */
  readonly keepHeights: bigint;
  /** Heights between two prunings. */
  readonly pruneEvery: bigint;
};

/** What the node's lane does: a request under way, or a pause. `isOwn`: committed by this conductor just now, so it ends the log. */
export type Work<Payload> =
  | { readonly step: "readEngine" }
  | { readonly step: "handshake"; readonly point: BlockPoint }
  | { readonly step: "handshakeCheck"; readonly point: BlockPoint }
  | { readonly step: "readLog" }
  | { readonly step: "insert"; readonly entry: LogEntry<Payload>; readonly isOwn: boolean }
  | { readonly step: "setHead"; readonly point: BlockPoint; readonly isOwn: boolean }
  | { readonly step: "check"; readonly point: BlockPoint; readonly isOwn: boolean }
  | { readonly step: "fetch"; readonly target: LogHead }
  | { readonly step: "fetchCheck"; readonly target: LogHead }
  | { readonly step: "startBuild"; readonly timestamp: bigint }
  | {
      readonly step: "filling";
      readonly payloadId: Hex;
      readonly timestamp: bigint;
      readonly untilMs: number;
    }
  | { readonly step: "takeBuild"; readonly timestamp: bigint }
  | { readonly step: "commit"; readonly entry: LogEntry<Payload> }
  | { readonly step: "prune"; readonly below: bigint }
  | { readonly step: "idle"; readonly readAtMs: number }
  | { readonly step: "paused"; readonly untilMs: number; readonly from: "engine" | "log" }
  | { readonly step: "halted"; readonly reason: string };

/** Where the conductor stands in the election. A lease counts from when it was asked for, never from the answer. */
export type Candidacy =
  | { readonly step: "out"; readonly retryAtMs: number }
  | { readonly step: "granting"; readonly askedAtMs: number }
  | (Lease & { readonly step: "standing" })
  | (Lease & { readonly step: "waiting"; readonly fence: bigint; readonly readAtMs: number })
  | (Lease & { readonly step: "leading"; readonly fence: bigint });

export type Lease = {
  readonly lease: bigint;
  readonly ttlMs: number;
  readonly untilMs: number;
  readonly renewAtMs: number;
};

export type ConductorState<Payload> = {
  readonly options: ConductorOptions;
  readonly nextId: number;
  readonly work: Work<Payload>;
  /** Id of the request of each lane that is under way; an answer to any other is late and counts for nothing. */
  readonly workRequest: number | null;
  readonly candidacy: Candidacy;
  readonly candidacyRequest: {
    readonly id: number;
    readonly type: string;
    readonly askedAtMs: number;
  } | null;
  /** The node's head, when it was last proved. */
  readonly local: BlockPoint | null;
  /** True once the node stood at the head of the log, until it fails. */
  readonly caughtUp: boolean;
  readonly troubleSinceMs: number | null;
  readonly lastProblem: string | null;
  readonly prunedBelow: bigint;
};
