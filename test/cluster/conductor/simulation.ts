import type {
  Action,
  ConductorState,
  Input,
  LogEntry,
  Reply,
} from "../../../cluster/conductor/core/model.ts";
import { initialState, step } from "../../../cluster/conductor/core/step.ts";
import type { BlockPoint } from "../../../cluster/conductor/engine/payload.ts";
import type { Hex } from "../../../protocol/bytes.ts";

type Entry = LogEntry<null>;

export type SimulationOptions = {
  readonly seed: number;
  readonly nodes: number;
  /** Milliseconds with faults, then as many without. */
  readonly faultyMs: number;
  readonly quietMs: number;
  readonly keepHeights?: bigint;
  /** What the model breaks on purpose, to show that the checks can fail. */
  readonly sabotage?: "unfenced";
};

export type SimulationReport = {
  readonly committed: readonly Entry[];
  readonly committedWhenFaultsEnded: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly leaders: number;
  readonly nodes: readonly { readonly canonical: readonly BlockPoint[]; readonly problem: string | null }[];
};

const GENESIS: BlockPoint = { height: 0n, hash: `0x${"0".repeat(64)}`, timestamp: 1_000_000n };
const LEASE_MS = 2_000;
const START_MS = 1_000_100_000;
const OPTIONS = {
  blockPeriodSeconds: 1,
  buildMs: 200,
  pollMs: 250,
  retryMs: 300,
  unhealthyMs: 3_000,
  pruneEvery: 10n,
};

/** A geth: blocks survive a crash, the head goes back to what was flushed, and it stays deaf until its own head is chosen once. */
type Engine = {
  readonly blocks: Map<Hex, Entry>;
  head: BlockPoint;
  flushed: BlockPoint;
  awake: boolean;
  up: boolean;
  builds: Map<Hex, Entry>;
};

type Node = {
  readonly index: number;
  state: ConductorState<null>;
  /** Rises with each start: what was asked before a crash isn't answered after it. */
  life: number;
  up: boolean;
  pausedUntilMs: number;
  /** Added to what the node takes for the time of day. */
  readonly skewMs: number;
  readonly engine: Engine;
};

/**
 * Conductors against a model of etcd and of geth, in one thread on a clock of its own; the seed decides every delay and fault. Throws
 * where a safety rule breaks in the middle of the run.
 */
export function simulate(options: SimulationOptions): SimulationReport {
  const random = createRandom(options.seed);
  const chance = (probability: number) => random() < probability;
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  const faults: Record<string, number> = {};
  const count = (name: string) => {
    faults[name] = (faults[name] ?? 0) + 1;
  };

  let nowMs = 0;
  let faulty = true;
  let order = 0;
  const queue: { atMs: number; order: number; run: () => void }[] = [];
  const at = (delayMs: number, run: () => void): undefined => {
    queue.push({ atMs: nowMs + delayMs, order: order++, run });
  };

  // The model of etcd: one log, one election, leases. Its revision rises with each write.
  const log: Entry[] = [];
  let oldest = 1n;
  let revision = 1n;
  const leases = new Map<bigint, number>();
  const candidates = new Map<bigint, bigint>();
  const fencesThatWrote = new Set<bigint>();
  let etcdUp = true;

  const conductorOptions = { ...OPTIONS, keepHeights: options.keepHeights ?? 1_000n };
  const nodes: Node[] = Array.from({ length: options.nodes }, (_, index) => ({
    index,
    state: initialState<null>(conductorOptions),
    life: 0,
    up: true,
    pausedUntilMs: 0,
    skewMs: between(-400, 400),
    engine: {
      blocks: new Map(),
      head: GENESIS,
      flushed: GENESIS,
      awake: false,
      up: true,
      builds: new Map(),
    },
  }));

  const logHead = () => log.at(-1)?.point ?? GENESIS;
  const expireLeases = () => {
    for (const [lease, untilMs] of leases) if (untilMs <= nowMs) dropLease(lease);
  };
  const dropLease = (lease: bigint) => {
    leases.delete(lease);
    candidates.delete(lease);
  };
  const firstFence = () =>
    [...candidates.values()].reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null);

  function check(condition: boolean, what: string): void {
    if (!condition) throw new Error(`seed ${options.seed}, ${nowMs} ms: ${what}`);
  }

  function onEtcd(action: Action<null>): Reply<null> | null {
    expireLeases();
    switch (action.type) {
      case "readLog": {
        const next = log[Number(action.after)];
        const kept = next !== undefined && next.point.height >= oldest ? next : null;
        const fetch = log[Number(oldest) - 2]?.point ?? GENESIS;
        return { type: "log", head: logHead(), next: kept, fetch };
      }
      case "commit": {
        const head = logHead();
        const holds = [...candidates.values()].includes(action.fence);
        const fits = action.entry.parentHash === head.hash && action.entry.point.height === head.height + 1n;
        if (options.sabotage !== "unfenced" && !holds) return { type: "refused", fenced: true };
        if (options.sabotage !== "unfenced" && !fits) return { type: "refused", fenced: false };
        revision++;
        fencesThatWrote.add(action.fence);
        if (options.sabotage === "unfenced") log.splice(Number(action.entry.point.height) - 1);
        log.push(action.entry);
        for (const node of nodes)
          at(between(1, 50), () => {
            if (chance(0.7)) input(node, { type: "logChanged" });
          });
        return { type: "committed" };
      }
      case "prune":
        if (![...candidates.values()].includes(action.fence)) return { type: "refused", fenced: true };
        check(action.below <= logHead().height, "pruned what isn't there");
        if (action.below > oldest) oldest = action.below;
        return { type: "done" };
      case "grantLease": {
        const lease = ++revision;
        leases.set(lease, nowMs + LEASE_MS);
        return { type: "leaseGranted", lease, ttlMs: LEASE_MS };
      }
      case "keepAlive":
        if (!leases.has(action.lease)) return { type: "leaseGone" };
        leases.set(action.lease, nowMs + LEASE_MS);
        return { type: "done" };
      case "stand": {
        if (!leases.has(action.lease)) return { type: "leaseGone" };
        const fence = candidates.get(action.lease) ?? ++revision;
        candidates.set(action.lease, fence);
        return { type: "standing", fence };
      }
      case "readElection": {
        const stands = [...candidates.values()].includes(action.fence);
        const place = !stands ? "gone" : firstFence() === action.fence ? "first" : "later";
        return { type: "place", place };
      }
      case "revoke":
        dropLease(action.lease);
        return { type: "done" };
      default:
        return null;
    }
  }

  function onEngine(engine: Engine, action: Action<null>): Reply<null> {
    switch (action.type) {
      case "readEngine":
        return { type: "engineAt", point: engine.head };
      case "insert": {
        const { entry } = action;
        const parentKnown = entry.parentHash === GENESIS.hash || engine.blocks.has(entry.parentHash);
        if (!parentKnown) return { type: "status", status: "SYNCING" };
        engine.blocks.set(entry.point.hash, entry);
        return { type: "status", status: "VALID" };
      }
      case "setHead": {
        if (action.hash === engine.head.hash) {
          engine.awake = true;
          return { type: "status", status: "VALID" };
        }
        const known = engine.blocks.get(action.hash);
        // A peer has what the node lacks, where a peer is up and has it.
        const peer = nodes.find(({ engine: other }) => other.up && other.blocks.has(action.hash));
        if (known === undefined) {
          if (peer === undefined || chance(0.5)) return { type: "status", status: "SYNCING" };
          for (const [hash, entry] of peer.engine.blocks) engine.blocks.set(hash, entry);
        }
        // Deaf after a crash: VALID, and nothing moves.
        if (!engine.awake && known !== undefined) return { type: "status", status: "VALID" };
        if (faulty && chance(0.02)) {
          count("VALID without a move");
          return { type: "status", status: "VALID" };
        }
        const target = engine.blocks.get(action.hash);
        if (target === undefined) return { type: "status", status: "SYNCING" };
        engine.awake = true;
        engine.head = target.point;
        if (chance(0.1)) engine.flushed = engine.head;
        return { type: "status", status: "VALID" };
      }
      case "startBuild": {
        if (!engine.awake || engine.head.hash !== action.parent.hash)
          return { type: "failed", problem: "no build on that parent" };
        if (action.timestamp <= engine.head.timestamp)
          return { type: "failed", problem: "invalid timestamp" };
        // Two builds differ, even of one node: transactions came in between.
        const hash = `0x${between(0, 2 ** 31)
          .toString(16)
          .padStart(8, "0")}${(order++).toString(16).padStart(56, "0")}` as Hex;
        const point = { height: engine.head.height + 1n, hash, timestamp: action.timestamp };
        const payloadId = `0x${(order++).toString(16)}` as Hex;
        engine.builds.set(payloadId, { point, parentHash: engine.head.hash, payload: null });
        return { type: "buildStarted", payloadId };
      }
      case "takeBuild": {
        const entry = engine.builds.get(action.payloadId);
        return entry ? { type: "built", entry } : { type: "failed", problem: "unknown payload" };
      }
      default:
        return { type: "failed", problem: "not for a node" };
    }
  }

  const engineActions = new Set(["readEngine", "insert", "setHead", "startBuild", "takeBuild"]);

  function perform(node: Node, id: number, action: Action<null>): undefined {
    const life = node.life;
    const toEngine = engineActions.has(action.type);
    const answer = (reply: Reply<null>, delayMs: number) =>
      at(delayMs, () => {
        if (node.life === life) input(node, { type: "reply", id, reply });
      });
    const lost = { type: "failed", problem: "no answer" } as const;
    const isUp = () => (toEngine ? node.engine.up : etcdUp);
    const run = () => {
      const reply = toEngine ? onEngine(node.engine, action) : onEtcd(action);
      return reply ?? lost;
    };
    if (faulty && chance(0.03)) {
      count("request lost");
      return answer(lost, between(100, 1_000));
    }
    if (faulty && chance(0.03)) {
      // Nobody hears of it, and it is done late: perhaps after the asker gave up, crashed or was deposed.
      count("done late, answer lost");
      at(between(1, 4_000), () => {
        if (isUp()) run();
      });
      return answer(lost, between(100, 1_000));
    }
    at(between(1, faulty && chance(0.05) ? 1_500 : 30), () => {
      if (!isUp()) return answer(lost, between(1, 1_000));
      const reply = run();
      if (faulty && !toEngine && chance(0.02)) {
        count("request repeated");
        at(between(1, 2_000), () => {
          if (isUp()) run();
        });
      }
      if (faulty && chance(0.03)) {
        count("answer lost");
        return answer(lost, between(100, 1_000));
      }
      answer(reply, between(1, 30));
    });
  }

  function input(node: Node, given: Input<null>): void {
    if (!node.up) return;
    if (node.pausedUntilMs > nowMs) {
      const life = node.life;
      at(node.pausedUntilMs - nowMs, () => {
        if (node.life === life) input(node, given);
      });
      return;
    }
    const next = step(node.state, given, { wallMs: START_MS + nowMs + node.skewMs, steadyMs: nowMs });
    node.state = next.state;
    check(node.state.work.step !== "halted", `node ${node.index} halted: ${node.state.lastProblem}`);
    for (const { id, action } of next.requests) perform(node, id, action);
  }

  function tick(node: Node): void {
    input(node, { type: "tick" });
    at(50, () => tick(node));
  }

  function crashEngine(engine: Engine): void {
    count("geth killed");
    engine.up = false;
    engine.awake = false;
    engine.builds.clear();
    engine.head = chance(0.3) ? GENESIS : chance(0.5) ? engine.flushed : engine.head;
    at(between(200, 5_000), () => {
      engine.up = true;
    });
  }

  function crashConductor(node: Node): void {
    count("conductor killed");
    node.up = false;
    node.life++;
    at(between(100, 5_000), () => {
      node.state = initialState<null>(conductorOptions);
      node.up = true;
    });
  }

  function makeFault(): void {
    if (!faulty) return;
    const node = nodes[between(0, nodes.length)];
    const leader = nodes.find(({ state }) => state.candidacy.step === "leading");
    const target = leader !== undefined && chance(0.5) ? leader : node;
    if (target !== undefined) {
      const kind = between(0, 6);
      if (kind === 0) crashConductor(target);
      else if (kind === 1 && target.engine.up) crashEngine(target.engine);
      else if (kind === 2) {
        count("conductor paused past its lease");
        target.pausedUntilMs = nowMs + between(500, 3 * LEASE_MS);
      } else if (kind === 3 && target.engine.up) {
        crashEngine(target.engine);
        crashConductor(target);
      } else if (kind === 4 && chance(0.3)) {
        count("etcd lost its quorum");
        etcdUp = false;
        at(between(500, 4_000), () => {
          etcdUp = true;
        });
      } else if (kind === 5 && chance(0.1)) {
        count("everything killed");
        for (const one of nodes) {
          if (one.engine.up) crashEngine(one.engine);
          crashConductor(one);
        }
      }
    }
    at(between(300, 4_000), makeFault);
  }

  function heal(): void {
    faulty = false;
    etcdUp = true;
    for (const node of nodes) node.pausedUntilMs = Math.min(node.pausedUntilMs, nowMs);
  }

  for (const node of nodes) at(between(0, 50), () => tick(node));
  at(between(1_000, 3_000), makeFault);
  let committedWhenFaultsEnded = 0;
  at(options.faultyMs, () => {
    heal();
    committedWhenFaultsEnded = log.length;
  });

  const endMs = options.faultyMs + options.quietMs;
  const seen: Hex[] = [];
  while (queue.length > 0) {
    const event = takeNext(queue);
    if (event === undefined || event.atMs > endMs) break;
    nowMs = event.atMs;
    event.run();
    // Nothing that was once committed changes; blocks form one chain.
    check(log.length >= seen.length, "a committed block is gone");
    for (let i = seen.length; i < log.length; i++) {
      const entry = log[i];
      check(entry?.point.height === BigInt(i + 1), "a height is missing or double");
      check(entry?.parentHash === (seen[i - 1] ?? GENESIS.hash), "the log forks");
      if (entry !== undefined) seen.push(entry.point.hash);
    }
    check(
      log.at(-1) === undefined || log.at(-1)?.point.hash === seen.at(-1),
      "a committed block was replaced",
    );
    for (const { engine, index } of nodes) {
      const { height, hash } = engine.head;
      const committed = height === 0n ? GENESIS.hash : seen[Number(height) - 1];
      check(committed === hash, `node ${index} has a head that isn't committed`);
    }
  }

  return {
    committed: log,
    committedWhenFaultsEnded,
    faults,
    leaders: fencesThatWrote.size,
    nodes: nodes.map(({ engine, state }) => ({
      canonical: canonicalChain(engine),
      problem: state.lastProblem,
    })),
  };
}

function canonicalChain(engine: Engine): BlockPoint[] {
  const chain: BlockPoint[] = [];
  let entry = engine.blocks.get(engine.head.hash);
  while (entry !== undefined) {
    chain.push(entry.point);
    entry = engine.blocks.get(entry.parentHash);
  }
  return chain.reverse();
}

function takeNext(queue: { atMs: number; order: number; run: () => void }[]) {
  let best = 0;
  for (let i = 1; i < queue.length; i++) {
    const a = queue[i];
    const b = queue[best];
    if (a && b && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order))) best = i;
  }
  return queue.splice(best, 1)[0];
}

/** mulberry32: small, seeded, good enough to shuffle with. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
