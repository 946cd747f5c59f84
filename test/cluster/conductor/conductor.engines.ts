import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bytesToHex } from "../../../protocol/bytes.ts";
import { type EtcdProcess, startEtcd } from "./etcdProcess.ts";
import { type GethProcess, startGeth } from "./gethProcess.ts";

type Status = {
  role: "leader" | "follower";
  height: number;
  caughtUp: boolean;
  step: string;
  problem: string | null;
};

type Node = {
  readonly geth: GethProcess;
  status: Status | null;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly kill: () => Promise<void>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

describe("three geth nodes, a conductor each, and etcd", { timeout: 150_000 }, () => {
  let etcd: EtcdProcess;
  let nodes: Node[] = [];

  before(async () => {
    etcd = await startEtcd();
    const geths = await Promise.all([startGeth(), startGeth(), startGeth()]);
    nodes = geths.map((geth, index) => createNode(geth, `node${index}`));
    for (const node of nodes) node.start();
    await until(() => nodes.every(({ status }) => (status?.height ?? 0) >= 2), 20_000);
  });
  after(async () => {
    await Promise.all(nodes.map(({ stop }) => stop()));
    await Promise.all(nodes.map(({ geth }) => geth.stop()));
    await etcd?.stop();
  });
  // After each fault: all nodes go on, and agree on every hash from the first block on.
  afterEach(async () => {
    const height = Math.max(...nodes.map(({ status }) => status?.height ?? 0)) + 3;
    await until(
      () => nodes.every(({ status }) => (status?.height ?? 0) >= height),
      20_000,
      () => JSON.stringify(nodes.map(({ status }) => status)),
    );
    for (let at = 0n; at <= BigInt(height); at++) {
      const blocks = await Promise.all(nodes.map(({ geth }) => geth.engine.blockAt(at)));
      assert.ok(blocks[0]);
      for (const block of blocks) assert.deepEqual(block, blocks[0]);
    }
  });

  function createNode(geth: GethProcess, name: string): Node {
    const script = `${import.meta.dirname}/conductorChild.ts`;
    let child: ChildProcess | null = null;
    const ended = async (end: (running: ChildProcess) => void) => {
      const running = child;
      child = null;
      node.status = null;
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const gone = once(running, "exit");
      end(running);
      await gone;
    };
    const node: Node = {
      geth,
      status: null,
      signal: (signal) => child?.kill(signal),
      kill: () => ended((running) => running.kill("SIGKILL")),
      stop: () => ended((running) => running.stdin?.end()),
      start() {
        const args = [script, geth.url, bytesToHex(geth.jwtSecret), etcd.endpoint, name];
        const started = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
        child = started;
        createInterface({ input: started.stdout }).on("line", (line) => {
          if (child === started) node.status = JSON.parse(line) as Status;
        });
      },
    };
    return node;
  }

  const leaders = () => nodes.filter(({ status }) => status?.role === "leader");

  async function theLeader(): Promise<Node> {
    await until(() => leaders().length === 1, 10_000);
    const [leader] = leaders();
    assert.ok(leader);
    return leader;
  }

  /** Milliseconds until another node than that one has a block more than there was. */
  async function failover(leader: Node): Promise<number> {
    const others = nodes.filter((node) => node !== leader);
    const height = Math.max(...others.map(({ status }) => status?.height ?? 0));
    const startedMs = performance.now();
    // A block may be committed and on its way: the second one is surely the new leader's.
    await until(() => others.every(({ status }) => (status?.height ?? 0) >= height + 2), 20_000);
    return performance.now() - startedMs;
  }

  it("make blocks about each second, with one leader", async () => {
    const leader = await theLeader();
    const height = leader.status?.height ?? 0;
    await sleep(5_000);
    const made = (leader.status?.height ?? 0) - height;
    assert.ok(made >= 4 && made <= 6, `${made} blocks in five seconds`);
    assert.equal(leaders().length, 1);
  });

  it("go on after the leader was killed with its node", async (test) => {
    const leader = await theLeader();
    await Promise.all([leader.kill(), leader.geth.kill()]);
    test.diagnostic(`second block of the others after ${Math.round(await failover(leader))} ms`);
    await leader.geth.restart();
    leader.start();
  });

  it("depose a leader whose node was killed, while its conductor lives", async () => {
    const leader = await theLeader();
    await leader.geth.kill();
    await failover(leader);
    assert.notEqual(leader.status?.role, "leader");
    await leader.geth.restart();
  });

  it("don't fork when the leader is paused past its lease", async () => {
    const leader = await theLeader();
    leader.signal("SIGSTOP");
    try {
      await failover(leader);
    } finally {
      leader.signal("SIGCONT");
    }
    await until(() => leader.status?.role === "follower", 5_000);
  });

  it("come back after everything was killed", async () => {
    await Promise.all(nodes.flatMap(({ kill, geth }) => [kill(), geth.kill()]).concat(etcd.kill()));
    await etcd.restart();
    for (const { geth } of nodes) await geth.restart();
    for (const { start } of nodes) start();
    await until(() => nodes.every(({ status }) => status?.caughtUp === true), 30_000);
  });
});

async function until(condition: () => boolean, timeoutMs: number, describe = () => ""): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (performance.now() < endMs && !condition()) await sleep(50);
  assert.ok(condition(), `still not so after ${timeoutMs} ms ${describe()}`);
}
