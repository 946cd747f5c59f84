import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { besuFlags } from "../../../cluster/network/configuration/besuFlags.ts";
import { gethFlags, gethInitFlags } from "../../../cluster/network/configuration/gethFlags.ts";
import { nodeFiles } from "../../../cluster/network/configuration/nodeFiles.ts";
import { seededSecrets } from "../../../cluster/network/keys/secrets.ts";
import { buildNetwork, createSecrets, identitiesOf } from "../../../cluster/network/network.ts";
import { type ClusterNode, clusterNodes } from "../../../cluster/spec/nodes.ts";
import { parseSpec } from "../../../cluster/spec/readSpec.ts";
import { utf8 } from "../../../protocol/bytes.ts";

/** What every node of two specs is given, so that a change of any flag shows in review. */
const GOLDEN = new URL("configuration.golden.json", import.meta.url);
const ACCOUNT = `0x${"a1".repeat(20)}`;
const PATHS = {
  dataDir: "/data",
  genesisFile: "/network/genesis.json",
  nodeKeyFile: "/secrets/nodekey",
  jwtFile: "/secrets/jwt.hex",
  configDir: "/config",
};
const SPECS = {
  gethProcess: `engine: geth\nnodes: {validator: 3}\nallocations: [{address: ${ACCOUNT}, balanceWei: 1}]\n`,
  gethKubernetes: `engine: geth\ntarget: kubernetes\nnodes: {validator: 1, rpc: 1, archive: 1}\nchain: {blockPeriodSeconds: 4}\n`,
  besuProcess: `engine: besu\nnodes: {validator: 2}\npermissioning: {accounts: [${ACCOUNT}]}\n`,
  besuCompose: `engine: besu\ntarget: compose\nnodes: {validator: 1, archive: 1, observer: 1}\nchain: {blockPeriodSeconds: 2}\n`,
};

/** Flags and files of every node of a spec. */
function configurationOf(text: string) {
  const { spec } = parseSpec(text, "f");
  const secrets = createSecrets(spec, seededSecrets(utf8("a seed for tests, known to all"), "golden"));
  const { network } = buildNetwork(spec, identitiesOf(secrets));
  const flagsOf = (node: ClusterNode) =>
    spec.engine === "geth" ? gethFlags(spec, node, PATHS) : besuFlags(spec, node, PATHS);
  return Object.fromEntries(
    clusterNodes(spec).map((node) => {
      const files = nodeFiles(spec, network, node).map(({ name, content }) => [name, content.split("\n")]);
      return [node.name, { flags: flagsOf(node), files: Object.fromEntries(files) }];
    }),
  );
}

/** Flags of the node with this name. */
const flagsOf = (text: string, name: string): string[] => configurationOf(text)[name]?.flags ?? [];

describe("configuration of nodes", () => {
  test("is that of the committed files", async () => {
    const golden: unknown = JSON.parse(await readFile(GOLDEN, "utf8"));
    const configurations = Object.entries(SPECS).map(([name, text]) => [name, configurationOf(text)]);
    assert.deepEqual(Object.fromEntries(configurations), golden);
  });

  test("never offers a namespace that changes or inspects a node, nor a port beyond this machine", () => {
    for (const text of Object.values(SPECS)) {
      for (const { flags } of Object.values(configurationOf(text))) {
        const lists = flags.filter((flag) => /(api|API)=/.test(flag));
        for (const list of lists)
          assert.doesNotMatch(list, /admin|debug|testing|engine|personal|perm|miner/i);
        if (/compose|kubernetes/.test(text)) continue;
        for (const flag of flags) assert.doesNotMatch(flag, /0\.0\.0\.0/);
      }
    }
  });

  test("names a flag once for each node", () => {
    for (const text of Object.values(SPECS)) {
      for (const { flags } of Object.values(configurationOf(text))) {
        const names = flags.map((flag) => flag.split("=")[0]);
        assert.equal(new Set(names).size, names.length);
      }
    }
  });

  test("of geth keeps the engine on loopback unless the conductor is in another container", () => {
    const engineHost = (target: string) =>
      flagsOf(`engine: geth\ntarget: ${target}\nnodes: {validator: 1}\n`, "validator-0").filter((flag) =>
        /^--authrpc\.(addr|vhosts)/.test(flag),
      );
    const local = ["--authrpc.addr=127.0.0.1", "--authrpc.vhosts=localhost"];
    assert.deepEqual(engineHost("process"), local);
    assert.deepEqual(engineHost("kubernetes"), local);
    assert.deepEqual(engineHost("compose"), ["--authrpc.addr=0.0.0.0", "--authrpc.vhosts=validator-0"]);
  });

  test("lets validators answer clients only where nobody else does", () => {
    const servesHttp = (nodes: string) =>
      flagsOf(`engine: geth\nnodes: ${nodes}\n`, "validator-0").includes("--http");
    assert.equal(servesHttp("{validator: 3}"), true);
    assert.equal(servesHttp("{validator: 3, observer: 1}"), true);
    assert.equal(servesHttp("{validator: 3, rpc: 1}"), false);
  });

  test("of an archive keeps every state", () => {
    const { spec } = parseSpec("engine: geth\nnodes: {validator: 1, archive: 1}\n", "f");
    const archive = clusterNodes(spec)[1];
    assert.ok(archive);
    assert.deepEqual(gethInitFlags(archive, PATHS), [
      "init",
      "--datadir=/data",
      "--state.scheme=hash",
      "/network/genesis.json",
    ]);
    const besu = flagsOf("engine: besu\nnodes: {validator: 1, archive: 1}\n", "archive-0");
    assert.ok(besu.includes("--data-storage-format=FOREST"));
  });

  test("of Besu selects transactions for less than a block period, and takes a pool for two full blocks", () => {
    const flags = flagsOf(
      "engine: besu\nnodes: {validator: 4}\nchain: {blockPeriodSeconds: 3}\n",
      "validator-0",
    );
    assert.ok(flags.includes("--block-txs-selection-max-time=1500"));
    assert.ok(flags.includes(`--tx-pool-max-size=${2 * Math.ceil(60_000_000 / 21_000)}`));
  });

  test("of Besu allows just the nodes that are dialled", () => {
    const all = configurationOf("engine: besu\nnodes: {validator: 3, rpc: 1}\n");
    for (const [name, { files }] of Object.entries(all)) {
      const peers: string[] = JSON.parse(files["static-nodes.json"].join("\n"));
      const allowed = files["permissions_config.toml"].join("\n").match(/enode:[^"]+/g) ?? [];
      assert.equal(peers.length, 3, name);
      assert.equal(allowed.length, 4);
      assert.ok(peers.every((peer) => allowed.includes(peer)));
    }
    const open = configurationOf("engine: besu\nnodes: {validator: 1}\npermissioning: {nodes: false}\n");
    assert.deepEqual(Object.keys(open["validator-0"]?.files ?? {}), ["static-nodes.json"]);
  });
});
