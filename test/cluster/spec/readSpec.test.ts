import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { clusterNodes, etcdMembers } from "../../../cluster/spec/nodes.ts";
import { parseSpec, readSpec } from "../../../cluster/spec/readSpec.ts";
import { isStemmaError } from "../../../protocol/errors.ts";

const GETH =
  "engine: geth\nnodes:\n  validator: 3\nallocations:\n  - {address: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, balanceWei: 5}\n";
const BESU = "engine: besu\nnodes:\n  validator: 4\n";

/** Asserts that a text is refused with this error, at this line and key. */
function refuses(text: string, name: string, line: number, key: string, allowed = /./): void {
  assert.throws(
    () => parseSpec(text, "cluster.yaml"),
    (error) => {
      assert.ok(isStemmaError(error), String(error));
      const { values } = error;
      assert.deepEqual([error.name, values.file, values.line, values.key], [name, "cluster.yaml", line, key]);
      assert.match(String(values.allowed), allowed);
      return true;
    },
  );
}

const warningsOf = (text: string) =>
  parseSpec(text, "cluster.yaml").warnings.map(({ key, line }) => [key, line]);

describe("the spec of a cluster", () => {
  test("the committed defaults are read without a warning", async () => {
    const geth = await readSpec("cluster/defaults/geth.yaml");
    assert.deepEqual(geth.warnings, []);
    assert.deepEqual([geth.spec.engine, geth.spec.nodes.validator, geth.spec.etcd?.members], ["geth", 3, 3]);
    assert.deepEqual([geth.spec.chain.blockPeriodSeconds, geth.spec.chain.fork], [1, "osaka"]);
    assert.equal(geth.spec.allocations[0]?.address, "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    assert.equal(geth.spec.allocations[0]?.balanceWei, 10n ** 24n);
    const besu = await readSpec("cluster/defaults/besu.yaml");
    assert.deepEqual(besu.warnings, []);
    assert.deepEqual([besu.spec.engine, besu.spec.nodes.validator, besu.spec.etcd], ["besu", 4, null]);
  });

  test("a file that isn't there is named", async () => {
    await assert.rejects(readSpec("/nowhere/cluster.yaml"), { name: "SPEC_UNREADABLE" });
  });

  test("what isn't YAML is refused with its line", () => {
    const at = (text: string, line: number) =>
      assert.throws(
        () => parseSpec(text, "f"),
        (error) => isStemmaError(error, "SPEC_SYNTAX") && error.values.line === line,
      );
    at("engine: geth\nnodes: [", 2);
    at("engine: geth\nengine: besu\n", 2);
    at("engine: geth\nname: !secret x\n", 2);
    at("engine: geth\nname: &a x\nchain: *a\n", 3);
    at("engine: geth\n---\nengine: besu\n", 2);
  });

  test("an unknown key is refused at any depth, with the keys that there are", () => {
    refuses(`${GETH}colour: red\n`, "SPEC_KEY_UNKNOWN", 6, "colour", /engine.*ports/);
    refuses(`${GETH}chain:\n  gas: 5\n`, "SPEC_KEY_UNKNOWN", 7, "chain.gas", /gasLimit/);
    refuses(`${BESU}storage:\n  size:\n    rcp: 1Ti\n`, "SPEC_KEY_UNKNOWN", 6, "storage.size.rcp", /rpc/);
    refuses(
      `${BESU}allocations:\n  - address: "0x${"11".repeat(20)}"\n    balanceWei: 1\n    note: x\n`,
      "SPEC_KEY_UNKNOWN",
      7,
      "allocations[0].note",
    );
  });

  test("a missing key is refused at the key around it", () => {
    refuses("engine: geth\n", "SPEC_KEY_MISSING", 1, "nodes", /validator/);
    refuses("engine: geth\nnodes:\n  rpc: 1\n", "SPEC_KEY_MISSING", 2, "nodes.validator", /1 to 100/);
    refuses("nodes: {validator: 1}\n", "SPEC_KEY_MISSING", 1, "engine", /geth, besu/);
    refuses("", "SPEC_VALUE_INVALID", 1, "the file", /engine/);
  });

  test("impossible counts, periods, limits and forks are refused", () => {
    refuses("engine: geth\nnodes:\n  validator: 0\n", "SPEC_VALUE_INVALID", 3, "nodes.validator", /1 to 100/);
    refuses("engine: geth\nnodes:\n  validator: 2.5\n", "SPEC_VALUE_INVALID", 3, "nodes.validator");
    refuses("engine: geth\nnodes:\n  validator: 3\n  rpc: -1\n", "SPEC_VALUE_INVALID", 4, "nodes.rpc");
    refuses(
      `${GETH}chain:\n  blockPeriodSeconds: 0.5\n`,
      "SPEC_VALUE_INVALID",
      7,
      "chain.blockPeriodSeconds",
      /whole seconds/,
    );
    refuses(`${GETH}chain:\n  blockPeriodSeconds: 0\n`, "SPEC_VALUE_INVALID", 7, "chain.blockPeriodSeconds");
    refuses(`${GETH}chain:\n  gasLimit: 21000\n`, "SPEC_VALUE_INVALID", 7, "chain.gasLimit");
    refuses(`${GETH}chain:\n  id: 0\n`, "SPEC_VALUE_INVALID", 7, "chain.id");
    refuses(`${GETH}chain:\n  fork: amsterdam\n`, "SPEC_VALUE_INVALID", 7, "chain.fork", /osaka/);
    refuses(`${GETH}chain:\n  fork: cancun\n`, "SPEC_VALUE_INVALID", 7, "chain.fork", /osaka/);
    refuses(`${GETH}etcd:\n  members: 0\n`, "SPEC_VALUE_INVALID", 7, "etcd.members");
    refuses(`${BESU}etcd:\n  members: 3\n`, "SPEC_KEY_UNKNOWN", 4, "etcd");
    refuses(
      `${GETH}permissioning:\n  accounts: ["0x${"11".repeat(20)}"]\n`,
      "SPEC_VALUE_INVALID",
      7,
      "permissioning.accounts",
    );
  });

  test("allocations that can't be are refused", () => {
    const account = `0x${"Ab".repeat(20)}`;
    const lines = (first: string, second: string) =>
      `${BESU}allocations:\n  - address: ${first}\n    balanceWei: 1\n  - address: ${second}\n    balanceWei: 1\n`;
    refuses(lines(account, account.toLowerCase()), "SPEC_VALUE_INVALID", 7, "allocations[1].address", /once/);
    refuses(
      lines(account, "0x4e59b44847b379578588920cA78FbF26c0B4956C"),
      "SPEC_VALUE_INVALID",
      7,
      "allocations[1].address",
      /system/,
    );
    refuses(lines("0x11", account), "SPEC_VALUE_INVALID", 5, "allocations[0].address", /40 hex/);
    refuses(
      `${BESU}allocations:\n  - {address: ${account}, balanceWei: 1e3.5}\n`,
      "SPEC_VALUE_INVALID",
      5,
      "allocations[0].balanceWei",
    );
    refuses(
      `${BESU}allocations:\n  - {address: ${account}, balanceWei: -1}\n`,
      "SPEC_VALUE_INVALID",
      5,
      "allocations[0].balanceWei",
    );
    refuses(
      `${BESU}allocations:\n  - {address: ${account}, balanceWei: "${2n ** 128n}"}\n`,
      "SPEC_VALUE_INVALID",
      5,
      "allocations[0].balanceWei",
    );
  });

  test("colliding ports are refused with both programs", () => {
    refuses(`${GETH}ports:\n  ws: 8545\n`, "SPEC_PORTS_COLLIDE", 7, "ports.ws", /node 0's rpc/);
    refuses(`${GETH}ports:\n  rpc: 8545\n  ws: 8555\n`, "SPEC_PORTS_COLLIDE", 7, "ports.rpc", /node 0's ws/);
    refuses(`${GETH}ports:\n  step: 1\n`, "SPEC_PORTS_COLLIDE", 6, "ports.rpc", /node 1/);
    refuses(`${GETH}ports:\n  etcdPeer: 2379\n`, "SPEC_PORTS_COLLIDE", 7, "ports.etcdPeer", /etcd 0/);
    refuses(`${GETH}ports:\n  p2p: 65530\n`, "SPEC_VALUE_INVALID", 7, "ports.p2p", /65535/);
    refuses(`${GETH}ports:\n  p2p: 80\n`, "SPEC_VALUE_INVALID", 7, "ports.p2p", /1024/);
    // Containers have their own ports, so that all nodes can use the same.
    const spec = parseSpec(`${GETH}target: kubernetes\nports:\n  step: 1\n`, "f").spec;
    assert.deepEqual(new Set(clusterNodes(spec).map((node) => node.ports.rpc)), new Set([8545]));
  });

  test("resources, versions and images that can't be are refused", () => {
    refuses(
      `${BESU}resources:\n  rpc:\n    limits:\n      cpu: 1\n`,
      "SPEC_VALUE_INVALID",
      7,
      "resources.rpc.limits.cpu",
      /at least/,
    );
    refuses(
      `${BESU}resources:\n  rpc:\n    limits: {memory: 512Mi}\n`,
      "SPEC_VALUE_INVALID",
      6,
      "resources.rpc.limits.memory",
      /4Gi/,
    );
    refuses(`${BESU}storage:\n  size:\n    rpc: 5 GB\n`, "SPEC_VALUE_INVALID", 6, "storage.size.rpc", /8Gi/);
    refuses(`${GETH}versions:\n  geth: 1.17.7\n`, "SPEC_VALUE_INVALID", 7, "versions.geth", /1\.17\.8/);
    refuses(`${GETH}versions:\n  geth: 1.9.99\n`, "SPEC_VALUE_INVALID", 7, "versions.geth");
    refuses(`${BESU}images:\n  besu: hyperledger/besu\n`, "SPEC_VALUE_INVALID", 5, "images.besu", /digest/);
    refuses(`${BESU}images:\n  besu: hyperledger/besu:latest\n`, "SPEC_VALUE_INVALID", 5, "images.besu");
    refuses(
      `${BESU}images:\n  besu: hyperledger/besu:26.8.0@sha256:12\n`,
      "SPEC_VALUE_INVALID",
      5,
      "images.besu",
    );
    const digest = `localhost:5000/besu:26.8.0@sha256:${"ab".repeat(32)}`;
    assert.equal(parseSpec(`${BESU}images:\n  besu: ${digest}\n`, "f").spec.images.besu, digest);
  });

  test("all problems are told at once, the first of the file first", () => {
    assert.throws(
      () => parseSpec("engine: geth\nnodes:\n  validator: 0\nchain:\n  id: x\ncolour: 1\n", "c.yaml"),
      (error) => {
        assert.ok(isStemmaError(error, "SPEC_VALUE_INVALID"));
        assert.match(
          error.message,
          /^c\.yaml:3: nodes\.validator .*\n {2}c\.yaml:5: chain\.id .*\n {2}c\.yaml:6: .*colour/s,
        );
        return true;
      },
    );
  });

  test("what is legal but unwise is warned of, with its line", () => {
    for (const [validators, warned] of [
      [1, true],
      [3, true],
      [4, false],
      [5, true],
      [6, false],
      [7, false],
      [8, true],
      [10, false],
    ] as const) {
      assert.deepEqual(
        warningsOf(`engine: besu\nnodes:\n  validator: ${validators}\n`),
        warned ? [["nodes.validator", 3]] : [],
        String(validators),
      );
    }
    assert.deepEqual(warningsOf(`${GETH}etcd:\n  members: 1\n`), [["etcd.members", 7]]);
    assert.deepEqual(warningsOf(`${GETH}etcd:\n  members: 4\n`), [["etcd.members", 7]]);
    assert.deepEqual(warningsOf(`${GETH}etcd:\n  members: 5\n`), []);
    assert.deepEqual(warningsOf(GETH.replace("3", "1")), [
      ["etcd.members", 1],
      ["nodes.validator", 3],
    ]);
    assert.deepEqual(warningsOf("engine: geth\nnodes: {validator: 3}\n"), [["allocations", 1]]);
    assert.deepEqual(warningsOf(`${BESU}chain: {gasLimit: 200000000}\n`), [["chain.gasLimit", 4]]);
    assert.deepEqual(warningsOf(`${BESU}chain: {gasLimit: 200000000, blockPeriodSeconds: 2}\n`), []);
    assert.deepEqual(warningsOf(`${BESU}chain: {gasLimit: 16000000}\n`), [["chain.gasLimit", 4]]);
    assert.deepEqual(warningsOf(`${BESU}target: compose\nimages:\n  besu: hyperledger/besu:26.8.0\n`), [
      ["images.besu", 6],
    ]);
  });

  test("nodes and etcd members get stable names and ports of their own", () => {
    const { spec } = parseSpec(`${GETH.replace("validator: 3", "validator: 4\n  rpc: 1")}`, "f");
    const nodes = clusterNodes(spec);
    assert.deepEqual(
      nodes.map((node) => node.name),
      ["validator-0", "validator-1", "validator-2", "validator-3", "rpc-0"],
    );
    assert.deepEqual(nodes[4]?.ports, {
      p2p: 30343,
      rpc: 8585,
      ws: 8586,
      metrics: 9585,
      engine: 8591,
      conductor: 9690,
    });
    assert.deepEqual(
      etcdMembers(spec).map(({ ports }) => ports.client),
      [2379, 2389, 2399],
    );
    const kubernetes = parseSpec(`${BESU}target: kubernetes\nname: lab\n`, "f").spec;
    assert.equal(clusterNodes(kubernetes)[2]?.host, "lab-validator-2.lab-validator");
    assert.equal(clusterNodes(kubernetes)[2]?.ports.engine, null);
  });

  test("no text makes the reader fail in any other way than by its own errors", () => {
    const words = fc.constantFrom(
      "engine",
      "geth",
      "nodes",
      "validator",
      "chain",
      "id",
      "ports",
      ":",
      " ",
      "\n",
      "  ",
      "- ",
      "[",
      "{",
      "}",
      "3",
      "0x1f",
      "&a",
      "*a",
      "~",
      "!!set",
      "<<",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        try {
          parseSpec(parts.join(""), "f");
        } catch (error) {
          assert.ok(isStemmaError(error) && /^STM-26/.test(error.code), String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});
