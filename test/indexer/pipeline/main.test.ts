import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startChain } from "../../helpers/chain.ts";
import { deployContracts } from "../../helpers/deploy.ts";
import { writeDeploymentFolder } from "../../helpers/deploymentFolder.ts";
import { settled, startWorld, type World } from "../../helpers/indexer.ts";

describe("starting an indexer", { timeout: 60_000 }, () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    await world.ledger.batch([{ name: "a" }]);
  });
  after(() => world.stop());

  it("is refused on the database of another chain, before anything is served", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl);
    await settled(databaseUrl, world.deployment).finally(() => indexer.stop());
    await using other = await startChain();
    const { deployment } = await deployContracts(other.rpcUrl);
    const directory = join(world.directory, "other");
    writeDeploymentFolder(directory, deployment);
    await assert.rejects(
      world.start(databaseUrl, { STEMMA_RPC_URL: other.rpcUrl, STEMMA_DEPLOYMENTS_DIR: directory }),
      { name: "DATABASE_OWNED_BY_OTHER" },
    );
  });

  it("is refused on a taken port, and leaves nothing running that would hold the database", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const first = await world.start(databaseUrl);
    const port = new URL(first.url).port;
    await assert.rejects(world.start(databaseUrl, { STEMMA_API_PORT: port }), { name: "API_PORT_TAKEN" });
    await first.stop();
    const second = await world.start(databaseUrl, { STEMMA_API_PORT: port });
    await settled(databaseUrl, world.deployment).finally(() => second.stop());
  });

  it("names the deployment that is missing", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    await assert.rejects(world.start(databaseUrl, { STEMMA_NETWORK: "nowhere" }), {
      name: "DEPLOYMENT_MISSING",
    });
  });

  it("keeps the seed that it made up on a development chain, for its owner alone", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const env = { STEMMA_LOG_SEED: "", STEMMA_DATA_DIR: join(world.directory, "seeds") };
    const first = await world.start(databaseUrl, env);
    await first.stop();
    const file = join(env.STEMMA_DATA_DIR, "development-log-seed");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, "utf8"), /^0x[0-9a-f]{64}\n$/);
    const second = await world.start(databaseUrl, env);
    await second.stop();
    assert.equal(second.logKey, first.logKey);
    rmSync(file);
    await assert.rejects(world.start(databaseUrl, env), { name: "DATABASE_OWNED_BY_OTHER" });
  });

  it("isn't ready once the head has stood still for as long as configured, and says so", async () => {
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl, {
      STEMMA_FINALITY: "depth:1",
      STEMMA_READY_HEAD_AGE_MS: "300",
    });
    try {
      let problems: { check: string; reason: string }[] = [];
      while (!problems.some(({ check }) => check === "head")) {
        const response = await fetch(`${indexer.url}/ready`);
        const body = await response.json();
        assert.equal(response.status, body.ready ? 200 : 503);
        problems = body.problems ?? [];
      }
      assert.match(problems.find(({ check }) => check === "head")?.reason ?? "", /hasn't moved/);
      assert.equal((await fetch(`${indexer.url}/live`)).status, 200);
    } finally {
      await indexer.stop();
    }
  });

  it("makes up no secret on any other chain", async () => {
    await using chain = await startChain({ chainId: 4711n });
    const { deployment } = await deployContracts(chain.rpcUrl);
    const directory = join(world.directory, "serious");
    writeDeploymentFolder(directory, deployment);
    const env = { STEMMA_RPC_URL: chain.rpcUrl, STEMMA_DEPLOYMENTS_DIR: directory };
    const databaseUrl = await world.postgres.createDatabase();
    await assert.rejects(world.start(databaseUrl, { ...env, STEMMA_LOG_SEED: "" }), {
      name: "CONFIG_KEY_MISSING",
      values: { key: "STEMMA_LOG_SEED", network: "localhost" },
    });
    await assert.rejects(world.start(databaseUrl, env), {
      name: "CONFIG_KEY_MISSING",
      values: { key: "STEMMA_ANCHOR_KEY", network: "localhost" },
    });
  });
});
