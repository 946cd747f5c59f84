import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from "../../protocol/bytes.ts";
import { describeError, isStemmaError, StemmaError } from "../../protocol/errors.ts";
import { keccak256 } from "../../protocol/hash.ts";
import type { Action, Clock, ConductorOptions, Reply, Request } from "./core/model.ts";
import { initialState, step } from "./core/step.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import type { Block, BlockPoint } from "./engine/payload.ts";
import type { BlockLog } from "./log/blockLog.ts";
import { toEntry } from "./log/createBlockLog.ts";

export type ConductorDependencies = {
  readonly engine: EngineClient;
  readonly log: BlockLog;
  readonly clock: () => Clock;
};

export type ConductorStatus = {
  readonly role: "leader" | "follower";
  readonly head: BlockPoint | null;
  /** True while the node stands, or stood a moment ago, at the head of the log. */
  readonly caughtUp: boolean;
  readonly step: string;
  /** What went wrong last, null where all is well. */
  readonly problem: string | null;
};

export type Conductor = {
  readonly status: () => ConductorStatus;
  /** Ends its work and gives the lease back. The node keeps its head. */
  readonly stop: () => Promise<void>;
};

const defaultConductorOptions: ConductorOptions = {
  blockPeriodSeconds: 1,
  buildMs: 300,
  pollMs: 250,
  retryMs: 300,
  unhealthyMs: 4_000,
  // Well above the 128 heights that a killed geth may lose.
  keepHeights: 10_000n,
  pruneEvery: 100n,
};

const TICK_MS = 50;
const NO_FEES: Hex = `0x${"00".repeat(20)}`;

/**
 * Drives one node through the block log until it is stopped: whatever fails meanwhile is told in its status and tried again.
 *
 * @throws ENGINE_CAPABILITY_MISSING BLOCK_LOG_FOREIGN, and the errors of engine and etcd where they can't be reached at the start
 */
export async function startConductor(
  dependencies: ConductorDependencies,
  options: Partial<ConductorOptions> = {},
): Promise<Conductor> {
  const { engine, log, clock } = dependencies;
  await engine.assertCapabilities();
  const genesis = await engine.blockAt(0n);
  if (genesis === null)
    throw new StemmaError("ENGINE_REPLY_INVALID", { method: "eth_getBlockByNumber", problem: "no genesis" });
  await log.open(genesis.hash);

  let state = initialState<Block>({ ...defaultConductorOptions, ...options });
  const abort = new AbortController();
  const underWay = new Set<Promise<void>>();

  function take(input: Parameters<typeof step<Block>>[1]): void {
    if (abort.signal.aborted) return;
    const next = step(state, input, clock());
    state = next.state;
    for (const request of next.requests) {
      const running = answer(request).finally(() => underWay.delete(running));
      underWay.add(running);
    }
  }

  async function answer({ id, action }: Request<Block>): Promise<void> {
    let reply: Reply<Block>;
    try {
      reply = await perform(action, engine, log);
    } catch (error) {
      reply = isStemmaError(error, "ETCD_LEASE_GONE")
        ? { type: "leaseGone" }
        : { type: "failed", problem: describeError(error) };
    }
    take({ type: "reply", id, reply });
  }

  const timer = setInterval(() => take({ type: "tick" }), TICK_MS);
  const watching = (async () => {
    while (!abort.signal.aborted) {
      try {
        for await (const _ of log.changes(abort.signal)) take({ type: "logChanged" });
      } catch {
        // The log is read every now and then all the same: a watch only saves time.
        await new Promise((done) => setTimeout(done, TICK_MS * 10));
      }
    }
  })();

  return {
    status() {
      const { candidacy, local, caughtUp, work, lastProblem } = state;
      const role = candidacy.step === "leading" ? "leader" : "follower";
      return { role, head: local, caughtUp, step: work.step, problem: lastProblem };
    },
    async stop() {
      abort.abort();
      clearInterval(timer);
      await Promise.all([watching, ...underWay]);
      const { candidacy } = state;
      // Without it the next leader waits until the lease runs out; no harm is done if it fails.
      if ("lease" in candidacy) await log.revoke(candidacy.lease).catch(() => undefined);
    },
  };
}

async function perform(action: Action<Block>, engine: EngineClient, log: BlockLog): Promise<Reply<Block>> {
  switch (action.type) {
    case "readEngine":
      return { type: "engineAt", point: await engine.head() };
    case "setHead":
      return { type: "status", status: await engine.setHead(action.hash) };
    case "insert":
      return { type: "status", status: await engine.insert(action.entry.payload) };
    case "startBuild": {
      const { parent, timestamp } = action;
      const prevRandao = bytesToHex(
        keccak256(concatBytes(hexToBytes(parent.hash), utf8(String(parent.height + 1n)))),
      );
      const build = await engine.startBuild(parent.hash, { timestamp, prevRandao, feeRecipient: NO_FEES });
      if ("payloadId" in build) return { type: "buildStarted", payloadId: build.payloadId };
      return { type: "status", status: build.status };
    }
    case "takeBuild":
      return { type: "built", entry: toEntry(await engine.takeBuild(action.payloadId)) };
    case "readLog":
      return log.read(action.after);
    case "commit":
      return log.commit(action.entry, action.fence);
    case "prune":
      return log.prune(action.below, action.fence);
    case "grantLease":
      return { type: "leaseGranted", ...(await log.grantLease()) };
    case "keepAlive":
      await log.keepAlive(action.lease);
      return { type: "done" };
    case "stand":
      return { type: "standing", fence: await log.stand(action.lease) };
    case "readElection":
      return { type: "place", place: await log.place(action.fence) };
    case "revoke":
      await log.revoke(action.lease);
      return { type: "done" };
  }
}
