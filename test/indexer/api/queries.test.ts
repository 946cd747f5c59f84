import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bytesToHex, hexToBytes } from "../../../protocol/bytes.ts";
import { dataId, namespaceId } from "../../../protocol/dataset.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { parseProof, verifyProof } from "../../../protocol/proof.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { bytes20, bytes32, originOf } from "../store/chainOfEvents.ts";
import {
  ask,
  at,
  createWorld,
  DOMAIN,
  each,
  errorNames,
  NAMESPACE,
  ORIGIN,
  signer,
  type World,
} from "./world.ts";

describe("queries over a real store", () => {
  let postgres: TestPostgres;
  let world: World;
  let raw: string[] = [];
  let clean = "";
  let model = "";
  let late = "";

  before(async () => {
    postgres = await startPostgres();
    world = await createWorld({ url: await postgres.createDatabase() });
    const space = hexToBytes(namespaceId(NAMESPACE));
    raw = await world.addBlock([{ name: "raw", operation: "CREATE" }], (block) => [
      {
        ...originOf(block, 0),
        kind: "namespaceRegistered",
        namespaceId: space,
        owner: bytes20("owner"),
        name: NAMESPACE,
      },
    ]);
    raw.push(...(await world.addBlock([{ name: "raw" }])));
    [clean = ""] = await world.addBlock([
      { name: "clean", operation: "DERIVE", parents: [world.headOf("raw")] },
    ]);
    [model = ""] = await world.addBlock([
      { name: "model", operation: "DERIVE", parents: [world.headOf("raw"), world.headOf("clean")] },
    ]);
    const target = hexToBytes(world.headOf("model"));
    const data = hexToBytes(dataId(namespaceId(NAMESPACE), "model"));
    await world.addBlock([], (block) => [
      {
        ...originOf(block, 0),
        kind: "access",
        accessHash: bytes32("access"),
        dataId: data,
        recordHash: target,
        reader: bytes32("reader"),
        purpose: hexToBytes(encodeOperation("AUDIT")),
        metadataHash: bytes32("none"),
        reporter: bytes20("reporter"),
        sequence: 1n,
        timestamp: 5n,
      },
      {
        ...originOf(block, 1),
        kind: "endorsement",
        endorsementHash: bytes32("endorsement"),
        dataId: data,
        recordHash: target,
        validator: bytes20("validator"),
        policyVersion: 1n,
        count: 1n,
      },
      { ...originOf(block, 2), kind: "validated", dataId: data, recordHash: target, policyVersion: 1n },
      {
        ...originOf(block, 3),
        kind: "quarantined",
        reason: "LOG_UNKNOWN",
        detail: "an odd one",
        topics: [bytes32("topic")],
        data: new Uint8Array([0, 255]),
      },
    ]);
    await world.finalize();
    await world.sequence();
    const checkpoint = await world.checkpoint();
    await world.anchor(checkpoint.size, checkpoint.root, true);
    [late = ""] = await world.addBlock([{ name: "late", operation: "CREATE" }]);
  });
  after(async () => {
    await world.close();
    await postgres.stop();
  });

  it("shows a record with everything around it", async () => {
    const reply = await ask(
      world.api.url,
      `query One($hash: Hex!) { record(recordHash: $hash) {
        recordHash dataId previousHash operation provRelation agent submitter sequence timestamp blockNumber status
        validated state states { state acceptedAt sequencedAt integratedAt anchoredAt finalAt }
        dataset { name namespaceName recordCount head { recordHash } namespace { name } }
        previous { recordHash } parentHashes parents { recordHash }
        endorsements { validator } accesses { nodes { purpose reader } }
        entry { index kind hash } anchor { size state }
      } }`,
      { hash: model },
    );
    assert.deepEqual(reply.errors, []);
    const record = at(reply.data, "record");
    assert.equal(at(record, "recordHash"), model);
    assert.equal(at(record, "provRelation"), "wasDerivedFrom");
    assert.equal(at(record, "agent"), bytesToHex(bytes20("agent")));
    assert.equal(at(record, "submitter"), bytesToHex(bytes20("relayer")));
    assert.equal(at(record, "blockNumber"), "4");
    assert.equal(at(record, "validated"), true);
    assert.equal(at(record, "state"), "FINAL");
    assert.match(String(at(record, "states.finalAt")), /^\d{4}-\d\d-\d\dT/);
    assert.equal(at(record, "dataset.name"), "model");
    assert.equal(at(record, "dataset.namespace.name"), NAMESPACE);
    assert.equal(at(record, "dataset.head.recordHash"), model);
    assert.equal(at(record, "previous"), null);
    assert.deepEqual(at(record, "parentHashes"), [String(raw[1]), clean].sort());
    assert.deepEqual(each(record, "parents", "recordHash"), [String(raw[1]), clean].sort());
    assert.deepEqual(each(record, "endorsements", "validator"), [bytesToHex(bytes20("validator"))]);
    assert.deepEqual(each(record, "accesses.nodes", "purpose"), ["AUDIT"]);
    assert.equal(at(record, "entry.kind"), "record");
    assert.equal(at(record, "entry.hash"), model);
    assert.equal(at(record, "anchor.state"), "FINAL");
  });

  it("answers null for a record or a dataset that is not there", async () => {
    const reply = await ask(
      world.api.url,
      `{ record(recordHash: "0x${"99".repeat(32)}") { agent } dataset(namespace: "no", name: "such") { name } }`,
    );
    assert.deepEqual(reply.data, { record: null, dataset: null });
  });

  it("finds datasets and namespaces by id, by name and by part of a name", async () => {
    const reply = await ask(
      world.api.url,
      `{ byName: dataset(namespace: "acme", name: "raw") { dataId recordCount records { totalCount nodes { sequence } } }
         byPart: datasets(nameContains: "MOD") { nodes { name } }
         namespace(name: "acme") { owner datasets(first: 2) { nodes { name } pageInfo { hasNextPage } } }
         namespaces { nodes { name } } }`,
    );
    assert.deepEqual(reply.errors, []);
    assert.equal(at(reply.data, "byName.dataId"), dataId(namespaceId(NAMESPACE), "raw"));
    assert.equal(at(reply.data, "byName.recordCount"), "2");
    assert.equal(at(reply.data, "byName.records.totalCount"), "2");
    assert.deepEqual(each(reply.data, "byName.records.nodes", "sequence"), ["1", "2"]);
    assert.deepEqual(each(reply.data, "byPart.nodes", "name"), ["model"]);
    assert.deepEqual(each(reply.data, "namespace.datasets.nodes", "name"), ["raw", "clean"]);
    assert.equal(at(reply.data, "namespace.datasets.pageInfo.hasNextPage"), true);
    assert.deepEqual(each(reply.data, "namespaces.nodes", "name"), [NAMESPACE]);
  });

  it("filters records by dataset, operation, agent and block", async () => {
    const reply = await ask(
      world.api.url,
      `query Filters($dataId: Hex!, $agent: Hex!) {
        ofDataset: records(dataId: $dataId) { totalCount nodes { recordHash } }
        derived: records(operation: "DERIVE", order: NEWEST_FIRST) { totalCount nodes { recordHash } }
        ofAgent: records(agent: $agent, first: 1) { nodes { recordHash } }
        past: records(asOfBlock: 2) { nodes { recordHash } }
        head: dataset(dataId: $dataId) { now: head { recordHash } past: head(asOfBlock: 1) { recordHash } } }`,
      { dataId: dataId(namespaceId(NAMESPACE), "raw"), agent: bytesToHex(bytes20("agent")) },
    );
    assert.deepEqual(reply.errors, []);
    assert.deepEqual(each(reply.data, "ofDataset.nodes", "recordHash"), raw);
    assert.equal(at(reply.data, "ofDataset.totalCount"), "2");
    assert.deepEqual(each(reply.data, "derived.nodes", "recordHash"), [model, clean]);
    assert.equal(at(reply.data, "derived.totalCount"), null);
    assert.deepEqual(each(reply.data, "ofAgent.nodes", "recordHash"), [raw[0]]);
    assert.deepEqual(each(reply.data, "past.nodes", "recordHash"), raw);
    assert.equal(at(reply.data, "head.now.recordHash"), raw[1]);
    assert.equal(at(reply.data, "head.past.recordHash"), raw[0]);
  });

  it("shows the access log, the quarantine, checkpoints, anchors and where the index stands", async () => {
    world.chainHealth.head = 9n;
    const reply = await ask(
      world.api.url,
      `{ accesses { nodes { purpose record { recordHash } dataset { name } } }
         quarantine { totalCount nodes { reason detail blockNumber logIndex topics data } }
         checkpoint { size note anchor { state } } checkpoints { nodes { size } } anchors { nodes { size state } }
         _meta { chainId network registry logOrigin logKey finality head { number } finalized { number } logSize
           checkpointSize anchoredSize records quarantined halted lag { blocks seconds } } }`,
    );
    assert.deepEqual(reply.errors, []);
    assert.equal(at(reply.data, "accesses.nodes.0.record.recordHash"), model);
    assert.equal(at(reply.data, "accesses.nodes.0.dataset.name"), "model");
    assert.equal(at(reply.data, "quarantine.totalCount"), "1");
    assert.deepEqual(at(reply.data, "quarantine.nodes.0"), {
      reason: "LOG_UNKNOWN",
      detail: "an odd one",
      blockNumber: "5",
      logIndex: 3,
      topics: [bytesToHex(bytes32("topic"))],
      data: "0x00ff",
    });
    const size = world.logSize().toString();
    assert.equal(at(reply.data, "checkpoint.size"), size);
    assert.equal(at(reply.data, "checkpoint.anchor.state"), "FINAL");
    assert.deepEqual(at(reply.data, "anchors.nodes"), [{ size, state: "FINAL" }]);
    const { lag, ...meta } = Object(at(reply.data, "_meta"));
    assert.deepEqual(meta, {
      chainId: "31337",
      network: "test",
      registry: DOMAIN.registry,
      logOrigin: ORIGIN,
      logKey: signer.vkey,
      finality: "instant",
      head: { number: "6" },
      finalized: { number: "5" },
      logSize: size,
      checkpointSize: size,
      anchoredSize: size,
      records: "5",
      quarantined: "1",
      halted: null,
    });
    assert.equal(lag.blocks, "3");
  });

  it("gives a proof that verifies against the log's key, and refuses it with one byte changed", async () => {
    const reply = await ask(
      world.api.url,
      "query P($hash: Hex!) { proof(recordHash: $hash) { json index size anchored logKey record { state } } }",
      { hash: model },
    );
    assert.deepEqual(reply.errors, []);
    assert.equal(at(reply.data, "proof.anchored"), true);
    const text = String(at(reply.data, "proof.json"));
    const proof = parseProof(text);
    assert.equal(proof.recordHash, model);
    assert.equal(proof.anchor?.size, at(reply.data, "proof.size"));
    const verdict = verifyProof(proof, { vkeys: [signer.vkey], domain: DOMAIN });
    assert.deepEqual(
      verdict.steps.filter(({ ok }) => !ok),
      [],
    );
    assert.equal(verdict.ok, true);
    const digit = proof.record.dataHash.endsWith("0") ? "1" : "0";
    const forged = text.replace(proof.record.dataHash, `${proof.record.dataHash.slice(0, -1)}${digit}`);
    assert.notEqual(forged, text);
    assert.equal(verifyProof(parseProof(forged), { vkeys: [signer.vkey] }).ok, false);
  });

  it("answers PROOF_NOT_READY with the state while no checkpoint covers a record", async () => {
    const reply = await ask(world.api.url, "query P($hash: Hex!) { proof(recordHash: $hash) { json } }", {
      hash: late,
    });
    assert.deepEqual(errorNames(reply), ["PROOF_NOT_READY"]);
    const [error] = reply.errors;
    assert.equal(error?.extensions.retry, true);
    assert.equal(at(error, "extensions.values.state"), "ACCEPTED");
    const unknown = await ask(world.api.url, `{ proof(recordHash: "0x${"99".repeat(32)}") { json } }`);
    assert.deepEqual(errorNames(unknown), ["RECORD_NOT_FOUND"]);
  });

  describe("lineage", () => {
    const query = `query L($record: Hex, $data: Hex, $direction: LineageDirection, $depth: Int, $nodes: Int, $block: BigInt, $size: BigInt) {
      lineage(recordHash: $record, dataId: $data, direction: $direction, maxDepth: $depth, maxNodes: $nodes, asOfBlock: $block, asOfCheckpoint: $size) {
        nodes { depth record { recordHash } } edges { child parent kind } truncated } }`;

    it("goes upstream over previous records and parents, diamonds counted once", async () => {
      const reply = await ask(world.api.url, query, { record: model });
      assert.deepEqual(reply.errors, []);
      assert.deepEqual(
        new Set(each(reply.data, "lineage.nodes", "record.recordHash")),
        new Set([model, clean, ...raw]),
      );
      const edges = at(reply.data, "lineage.edges");
      assert.ok(Array.isArray(edges));
      assert.deepEqual(
        new Set(edges.map(({ child, parent, kind }) => `${child} ${parent} ${kind}`)),
        new Set([
          `${model} ${raw[1]} DERIVED`,
          `${model} ${clean} DERIVED`,
          `${clean} ${raw[1]} DERIVED`,
          `${raw[1]} ${raw[0]} PREVIOUS`,
        ]),
      );
      assert.equal(at(reply.data, "lineage.truncated"), false);
    });

    it("goes downstream, stops at the limits and says so", async () => {
      const down = await ask(world.api.url, query, { record: raw[0], direction: "DOWNSTREAM" });
      assert.equal(each(down.data, "lineage.nodes", "depth").length, 4);
      const shallow = await ask(world.api.url, query, { record: model, depth: 1 });
      assert.deepEqual(each(shallow.data, "lineage.nodes", "depth"), [0, 1, 1]);
      assert.equal(at(shallow.data, "lineage.truncated"), true);
      const few = await ask(world.api.url, query, { record: model, nodes: 2 });
      assert.equal(each(few.data, "lineage.nodes", "depth").length, 2);
      assert.equal(at(few.data, "lineage.truncated"), true);
    });

    it("starts from a dataset's head, as a block or a checkpoint would have answered", async () => {
      const data = dataId(namespaceId(NAMESPACE), "raw");
      const now = await ask(world.api.url, query, { data, direction: "BOTH" });
      assert.equal(at(now.data, "lineage.nodes.0.record.recordHash"), raw[1]);
      assert.equal(each(now.data, "lineage.nodes", "depth").length, 4);
      const past = await ask(world.api.url, query, { data, direction: "BOTH", block: "1" });
      assert.deepEqual(each(past.data, "lineage.nodes", "record.recordHash"), [raw[0]]);
      const size = world.logSize().toString();
      const under = await ask(world.api.url, query, { data, direction: "BOTH", size });
      assert.equal(each(under.data, "lineage.nodes", "depth").length, 4);
    });

    it("refuses no start, two starts, unknown starts, checkpoints that don't exist and limits out of range", async () => {
      const cases: [object, string][] = [
        [{}, "LINEAGE_START_INVALID"],
        [{ record: model, data: model }, "LINEAGE_START_INVALID"],
        [{ record: `0x${"99".repeat(32)}` }, "RECORD_NOT_FOUND"],
        [{ data: `0x${"99".repeat(32)}` }, "DATASET_NOT_FOUND"],
        [{ record: model, block: "1" }, "RECORD_NOT_FOUND"],
        [{ record: model, size: "1234" }, "CHECKPOINT_NOT_FOUND"],
        [{ record: model, depth: 101 }, "LINEAGE_LIMIT_INVALID"],
        [{ record: model, nodes: 10_001 }, "LINEAGE_LIMIT_INVALID"],
        [{ record: model, nodes: 0 }, "LINEAGE_LIMIT_INVALID"],
        [{ record: "0x12" }, "ARGUMENT_INVALID"],
        [{ record: model, block: "-1" }, "ARGUMENT_INVALID"],
      ];
      for (const [variables, name] of cases) {
        assert.deepEqual(
          errorNames(await ask(world.api.url, query, variables)),
          [name],
          JSON.stringify(variables),
        );
      }
    });
  });
});
