import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { parseConfig } from "../../../indexer/config.ts";

const SECRET = `0x${"ab".repeat(32)}`;

describe("the configuration of the indexer", () => {
  it("has a default for everything on the local network", () => {
    const config = parseConfig({});
    assert.equal(config.network, "localhost");
    assert.equal(config.rpcUrl, "http://127.0.0.1:8545");
    assert.equal(config.dataDir, ".stemma/localhost");
    assert.equal(config.databaseUrl, null);
    assert.deepEqual(config.finality, { driver: "auto" });
    assert.equal(config.log.seed, null);
  });

  it("lets a flag win over the environment", () => {
    const config = parseConfig({ STEMMA_API_PORT: "4001" }, ["--port", "4002", "--finality=depth:12"]);
    assert.equal(config.api.port, 4002);
    assert.deepEqual(config.finality, { driver: "depth", depth: 12 });
  });

  it("takes an empty value for one that is not given", () => {
    assert.equal(parseConfig({ DATABASE_URL: "", STEMMA_LOG_SEED: "" }).databaseUrl, null);
  });

  it("is frozen through and through", () => {
    const config = parseConfig({});
    assert.ok(Object.isFrozen(config));
    assert.ok(Object.isFrozen(config.checkpoint));
    assert.ok(Object.isFrozen(config.api));
  });

  it("names an unknown key, and leaves the keys of other programs alone", () => {
    assert.throws(() => parseConfig({ STEMMA_CHEKPOINT_ENTRIES: "1" }), {
      name: "CONFIG_KEY_UNKNOWN",
      values: { key: "STEMMA_CHEKPOINT_ENTRIES" },
    });
    assert.doesNotThrow(() => parseConfig({ STEMMA_DEPLOYER_KEY: SECRET, STEMMA_KEY: SECRET, HOME: "/" }));
  });

  it("names a missing key: a network of your own needs a node's URL", () => {
    assert.throws(() => parseConfig({ STEMMA_NETWORK: "production" }), {
      name: "CONFIG_KEY_MISSING",
      values: { key: "STEMMA_RPC_URL", network: "production" },
    });
  });

  for (const [key, value] of [
    ["STEMMA_FINALITY", "depth:0"],
    ["STEMMA_FINALITY", "soon"],
    ["STEMMA_CHECKPOINT_ENTRIES", "0"],
    ["STEMMA_CHECKPOINT_ENTRIES", "many"],
    ["STEMMA_API_PORT", "70000"],
    ["STEMMA_NETWORK", "../etc"],
    ["STEMMA_RPC_URL", "file:///etc/passwd"],
    ["DATABASE_URL", "mysql://localhost"],
    ["STEMMA_LOG_LEVEL", "loud"],
    ["STEMMA_LOG_SEED", "0x1234"],
    ["STEMMA_ANCHOR_KEY", "secret words"],
  ] as const) {
    it(`refuses ${key}=${value} by name`, () => {
      assert.throws(
        () => parseConfig({ [key]: value }),
        (error: Error & { values?: { key?: string } }) => {
          assert.equal(error.name, "CONFIG_VALUE_INVALID");
          assert.equal(error.values?.key, key);
          return true;
        },
      );
    });
  }

  it("refuses a flag that does not exist, secrets among them", () => {
    for (const args of [["--anchor-key", SECRET], ["--prot", "1"], ["stray"]]) {
      assert.throws(() => parseConfig({}, args), { name: "CONFIG_FLAG_UNKNOWN" });
    }
  });

  it("never shows a secret, in whatever way it is printed", () => {
    const config = parseConfig({ STEMMA_LOG_SEED: SECRET, STEMMA_ANCHOR_KEY: SECRET });
    assert.equal(config.log.seed?.reveal(), SECRET);
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 }), `${config.anchor.key}`]) {
      assert.ok(!shown.includes("abab"), shown);
    }
    assert.throws(
      () => parseConfig({ STEMMA_LOG_SEED: `${SECRET}00` }),
      (error) => !inspect(error, { depth: 9 }).includes("abab"),
    );
  });
});
