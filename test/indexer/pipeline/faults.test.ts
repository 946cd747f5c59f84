import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { RunningIndexer } from "../../../indexer/main.ts";
import { startEmbeddedPostgres } from "../../../indexer/store/index.ts";
import { checkpointAnchorAbi } from "../../../protocol/abi/checkpointAnchor.generated.ts";
import { startChain } from "../../helpers/chain.ts";
import {
  assertSameRows,
  checkCheckpoints,
  dump,
  reached,
  settled,
  startChild,
  startWorld,
  type World,
  withSql,
} from "../../helpers/indexer.ts";
import { startRpcProxy } from "../../helpers/rpcProxy.ts";

type Readiness = { status: number; problems: { check: string; reason: string }[] };

async function readiness({ url }: RunningIndexer): Promise<Readiness> {
  const response = await fetch(`${url}/ready`);
  const body = (await response.json()) as { problems?: Readiness["problems"] };
  return { status: response.status, problems: body.problems ?? [] };
}

/** Waits until `/ready` fails for this reason, and returns the sentence it gives. */
async function unready(indexer: RunningIndexer, check: string): Promise<string> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const { status, problems } = await readiness(indexer);
    const problem = problems.find((found) => found.check === check);
    if (status === 503 && problem !== undefined) return problem.reason;
    await pause(25);
  }
  throw new Error(`/ready never failed for ${check}`);
}

async function ready(indexer: RunningIndexer): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if ((await readiness(indexer)).status === 200) return;
    await pause(25);
  }
  throw new Error("/ready never succeeded");
}

/** Waits for a line of `/metrics`. */
async function measured({ url }: RunningIndexer, line: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if ((await (await fetch(`${url}/metrics`)).text()).includes(`${line}\n`)) return;
    await pause(25);
  }
  throw new Error(`${line} was never measured`);
}

async function recordCount({ url }: RunningIndexer): Promise<number> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ records(first: 100) { edges { node { recordHash } } } }" }),
  });
  const answer = (await response.json()) as { data?: { records: { edges: unknown[] } } };
  return answer.data?.records.edges.length ?? -1;
}

describe("a pipeline whose surroundings fail", { timeout: 180_000 }, () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    await world.ledger.everything("faults");
  });
  after(() => world.stop());

  it("waits for a node that is down, answers readers meanwhile, and goes on when the node is back", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl, { STEMMA_RPC_URL: proxy.url });
    try {
      await settled(databaseUrl, world.deployment);
      const seen = await recordCount(indexer);
      proxy.faults = { request: () => "drop" };
      await world.ledger.batch([{ name: "while down" }]);
      await unready(indexer, "chain");
      assert.equal(await recordCount(indexer), seen);
      await measured(indexer, 'stemma_pipeline_stall_state{stage="chain",reason="NODE"} 1');
      proxy.faults = {};
      await settled(databaseUrl, world.deployment);
      await ready(indexer);
      await measured(indexer, 'stemma_pipeline_stall_state{stage="chain",reason="NODE"} 0');
      assert.equal(await recordCount(indexer), seen + 1);
    } finally {
      await indexer.stop();
    }
    assertSameRows(await dump(databaseUrl), await world.freshDump());
  });

  it("starts while the node is down, and begins when it comes up", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    proxy.faults = { request: () => "drop" };
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl, { STEMMA_RPC_URL: proxy.url });
    try {
      await unready(indexer, "chain");
      assert.equal(await recordCount(indexer), 0);
      proxy.faults = {};
      await settled(databaseUrl, world.deployment);
      await ready(indexer);
    } finally {
      await indexer.stop();
    }
  });

  it("outlives a restart of the database, and has lost nothing", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "stemma-restart-"));
    let server = await startEmbeddedPostgres({ dataDir });
    const databaseUrl = server.url;
    const port = Number(new URL(databaseUrl).port);
    const indexer = await world.start(databaseUrl);
    try {
      await settled(databaseUrl, world.deployment);
      await server.stop();
      await unready(indexer, "database");
      await world.ledger.everything("restarted");
      server = await startEmbeddedPostgres({ dataDir, port });
      await settled(databaseUrl, world.deployment);
      await ready(indexer);
      await checkCheckpoints(databaseUrl);
      assertSameRows(await dump(databaseUrl), await world.freshDump());
    } finally {
      await indexer.stop();
      await server.stop();
      for (const directory of [dataDir, server.dataDir]) rmSync(directory, { recursive: true, force: true });
    }
  });

  it("lets one process write and another wait, which takes over at once", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const first = await world.start(databaseUrl);
    const second = await world.start(databaseUrl);
    try {
      await settled(databaseUrl, world.deployment);
      assert.equal([first, second].filter((indexer) => indexer.status().epoch !== null).length, 1);
      const [leader, follower] = first.status().epoch === null ? [second, first] : [first, second];
      assert.equal(await recordCount(follower), await recordCount(leader));
      const epoch = leader.status().epoch ?? 0n;
      await leader.stop();
      await world.ledger.batch([{ name: "after the change" }]);
      await settled(databaseUrl, world.deployment);
      assert.ok((follower.status().epoch ?? 0n) > epoch);
    } finally {
      await first.stop();
      await second.stop();
    }
    assertSameRows(await dump(databaseUrl), await world.freshDump());
  });

  it("lets a leader that stood still past its lease write nothing any more when it wakes up", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const child = await startChild(world, databaseUrl);
    await settled(databaseUrl, world.deployment);
    child.process.kill("SIGSTOP");
    // The server gives up on a client that doesn't answer; here it is told to, so that nobody waits for it.
    await withSql(
      databaseUrl,
      (sql) => sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'stemma leader'`,
    );
    const successor = await world.start(databaseUrl);
    try {
      await world.ledger.everything("successor");
      await settled(databaseUrl, world.deployment);
      const epoch = successor.status().epoch;
      child.process.kill("SIGCONT");
      await world.ledger.batch([{ name: "successor/late" }]);
      await settled(databaseUrl, world.deployment);
      await pause(300);
      assert.equal(successor.status().epoch, epoch);
      const epochs = await withSql(
        databaseUrl,
        (sql) => sql<{ epoch: bigint; size: bigint }[]>`SELECT epoch, size FROM checkpoint ORDER BY size`,
      );
      assert.deepEqual(
        epochs.map((row) => row.epoch),
        epochs.map((row) => row.epoch).toSorted((a, b) => Number(a - b)),
      );
      await checkCheckpoints(databaseUrl);
    } finally {
      child.process.kill("SIGTERM");
      assert.equal(await child.ended, 0);
      await successor.stop();
    }
    assertSameRows(await dump(databaseUrl), await world.freshDump());
  });

  it("takes a higher epoch after the contract's was raised over its head", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl);
    try {
      await settled(databaseUrl, world.deployment);
      const epoch = (indexer.status().epoch ?? 0n) + 10n;
      const hash = await world.deployment.operatorWallet.writeContract({
        address: world.deployment.anchor,
        abi: checkpointAnchorAbi,
        functionName: "raiseEpoch",
        args: [world.deployment.logId, epoch],
      });
      await world.deployment.publicClient.waitForTransactionReceipt({ hash });
      await world.ledger.batch([{ name: "under a new epoch" }]);
      await settled(databaseUrl, world.deployment);
      assert.ok((indexer.status().epoch ?? 0n) > epoch);
    } finally {
      await indexer.stop();
    }
    assertSameRows(await dump(databaseUrl), await world.freshDump());
  });

  it("stops anchoring with the reason when the contract refuses its account, and goes on indexing", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl);
    const { deployment } = world;
    const handOver = async (to: `0x${string}`) => {
      const hash = await deployment.deployerWallet.writeContract({
        address: deployment.anchor,
        abi: checkpointAnchorAbi,
        functionName: "setOperator",
        args: [deployment.logId, to],
      });
      await deployment.publicClient.waitForTransactionReceipt({ hash });
    };
    try {
      await settled(databaseUrl, deployment);
      await handOver(deployment.deployer.address);
      await world.ledger.batch([{ name: "not anchored" }]);
      const { entries } = await reached(
        databaseUrl,
        "a checkpoint without an anchor",
        ({ sources, entries, checkpoint, anchor }) =>
          entries === sources &&
          checkpoint === entries &&
          anchor === entries &&
          indexer.status().anchoringStopped !== null,
      );
      assert.match(indexer.status().anchoringStopped ?? "", /STM-752/);
      await world.ledger.batch([{ name: "not anchored" }]);
      await reached(databaseUrl, "more entries", ({ checkpoint }) => checkpoint > entries);
      assert.equal((await readiness(indexer)).status, 200);
      const metrics = await (await fetch(`${indexer.url}/metrics`)).text();
      assert.match(metrics, /stall_state\{stage="anchor",reason="ANCHORING_NOT_OPERATOR"\} 1/);
    } finally {
      await handOver(deployment.operator.address);
      await indexer.stop();
    }
    const again = await world.start(databaseUrl);
    await settled(databaseUrl, deployment).finally(() => again.stop());
  });

  it("finishes its step and ends with 0 on SIGTERM, in the middle of work", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const child = await startChild(world, databaseUrl);
    const work = world.ledger.everything("terminated");
    await reached(databaseUrl, "some rows", ({ cursor }) => cursor > 0n);
    const asked = Date.now();
    child.process.kill("SIGTERM");
    assert.equal(await child.ended, 0);
    assert.ok(Date.now() - asked < 10_000);
    await work;
    const indexer = await world.start(databaseUrl);
    await settled(databaseUrl, world.deployment).finally(() => indexer.stop());
    assertSameRows(await dump(databaseUrl), await world.freshDump());
  });

  it("explains a chain that was started anew: running, and at the next start", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using other = await startChain();
    const indexer = await world.start(databaseUrl, { STEMMA_RPC_URL: proxy.url });
    try {
      await settled(databaseUrl, world.deployment);
      const seen = await recordCount(indexer);
      proxy.faults = { target: () => other.rpcUrl };
      await unready(indexer, "halted");
      assert.equal(await recordCount(indexer), seen);
    } finally {
      await indexer.stop();
    }
    await assert.rejects(world.start(databaseUrl, { STEMMA_RPC_URL: other.rpcUrl }), {
      name: "INDEXER_CHAIN_RESET",
    });
  });

  // Last: what was final is dropped, so the contract may hold an anchor of a history that no longer is.
  it("stops writing when the chain contradicts what was final, and goes on reading", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const snapshot = await world.chain.snapshot();
    const forget = world.ledger.mark();
    const indexer = await world.start(databaseUrl, { STEMMA_FINALITY: "depth:2" });
    try {
      await world.ledger.batch([{ name: "dropped" }]);
      await world.chain.mine(6);
      await reached(
        databaseUrl,
        "its entry",
        ({ sources, entries, final }) => final > 0n && entries === sources,
      );
      await reached(databaseUrl, "final blocks", async ({ final }) => {
        return final + 2n === (await world.deployment.publicClient.getBlockNumber({ cacheTime: 0 }));
      });
      const seen = await recordCount(indexer);
      await world.chain.revert(snapshot);
      forget();
      await world.chain.client.increaseTime({ seconds: 11 });
      await world.ledger.batch([{ name: "another history" }]);
      await world.chain.mine(12);
      assert.match(await unready(indexer, "halted"), /STM-910/);
      assert.notEqual(indexer.status().halted, null);
      assert.equal(indexer.status().epoch, null);
      const rows = await dump(databaseUrl);
      await world.chain.mine(3);
      await pause(300);
      assertSameRows(await dump(databaseUrl), rows);
      assert.equal(await recordCount(indexer), seen);
    } finally {
      await indexer.stop();
    }
  });
});
