import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createStemmaClient } from "../../client/index.ts";
import { verifyProofOnChain } from "../../client/proof/verifyProofOnChain.ts";
import type { RunningIndexer } from "../../indexer/main.ts";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { bytesToHex, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { encodeLeaf } from "../../protocol/leaf.ts";
import { parseProof, type RecordProof, verifyProof } from "../../protocol/proof.ts";
import { settled, startWorld, type World, withSql } from "../helpers/indexer.ts";
import type { LedgerRecord } from "../helpers/ledger.ts";

describe("the main job, from a record to a proof that anyone can check", { timeout: 120_000 }, () => {
  let world: World;
  let indexer: RunningIndexer;
  let records: readonly LedgerRecord[];
  let databaseUrl: string;

  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
    indexer = await world.start(databaseUrl);
    records = await world.ledger.everything("main");
    await settled(databaseUrl, world.deployment);
  });
  after(async () => {
    await indexer?.stop();
    await world?.stop();
  });

  async function query<Data>(document: string, variables: object = {}): Promise<Data> {
    const response = await fetch(`${indexer.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: document, variables }),
    });
    const answer = (await response.json()) as { data?: Data; errors?: unknown };
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    return answer.data as Data;
  }

  async function fetchProof(recordHash: Hex): Promise<RecordProof> {
    const { proof } = await query<{ proof: { json: string } }>(
      "query ($recordHash: Hex!) { proof(recordHash: $recordHash) { json } }",
      { recordHash },
    );
    return parseProof(proof.json);
  }

  const trusted = (proof: RecordProof) => verifyProof(proof, { vkeys: [indexer.logKey] });

  const onChain = (proof: RecordProof) =>
    verifyProofOnChain({
      proof,
      rpcUrl: world.chain.rpcUrl,
      anchor: world.deployment.anchor,
      registry: world.deployment.registry,
    });

  /** What the contract itself says of the proof's leaf. */
  function verifiedByContract(proof: RecordProof): Promise<boolean> {
    const leaf = encodeLeaf("record", hexToBytes(proof.leaf.hash));
    return world.deployment.publicClient.readContract({
      address: world.deployment.anchor,
      abi: checkpointAnchorAbi,
      functionName: "verifyInclusion",
      args: [
        world.deployment.logId,
        BigInt(proof.inclusion.size),
        BigInt(proof.inclusion.index),
        bytesToHex(leaf),
        [...proof.inclusion.path],
      ],
    });
  }

  it("proves every record of the run, offline, against the chain, and in the contract", async () => {
    for (const record of records) {
      const proof = await fetchProof(record.hash);
      assert.equal(proof.recordHash, record.hash);
      assert.deepEqual(proof.parents, record.parents);
      const offline = trusted(proof);
      assert.ok(offline.ok, JSON.stringify(offline.steps));
      assert.ok(await verifiedByContract(proof));
    }
    const [record] = records;
    assert.ok(record);
    const verdict = await onChain(await fetchProof(record.hash));
    assert.ok(verdict.ok, JSON.stringify(verdict.steps));
  });

  it("gives the same proof to the client that applications import", async () => {
    const [record] = records;
    assert.ok(record);
    const client = createStemmaClient({
      apiUrl: indexer.url,
      rpcUrl: world.chain.rpcUrl,
      deployment: world.deployment.deployment,
    });
    const proof = await client.fetchProof({ recordHash: record.hash });
    assert.deepEqual(proof, await fetchProof(record.hash));
  });

  it("refuses a proof in which one byte was changed, wherever it was, off chain and on chain", async () => {
    const record = records.at(-1);
    assert.ok(record);
    const proof = await fetchProof(record.hash);
    const [sibling] = proof.inclusion.path;
    assert.ok(sibling);
    const tampered: Record<string, RecordProof> = {
      data: { ...proof, record: { ...proof.record, dataHash: flip(proof.record.dataHash) } },
      owner: { ...proof, record: { ...proof.record, dataOwner: flip(proof.record.dataOwner) } },
      record: { ...proof, recordHash: flip(proof.recordHash) },
      leaf: { ...proof, leaf: { ...proof.leaf, hash: flip(proof.leaf.hash) } },
      path: {
        ...proof,
        inclusion: { ...proof.inclusion, path: [flip(sibling), ...proof.inclusion.path.slice(1)] },
      },
      index: { ...proof, inclusion: { ...proof.inclusion, index: "0" } },
      checkpoint: { ...proof, checkpoint: proof.checkpoint.replace(/^(\d+)$/m, "1$1") },
    };
    for (const [part, changed] of Object.entries(tampered)) {
      assert.equal(trusted(changed).ok, false, `${part} was changed, and the proof still held`);
      assert.equal((await onChain(changed)).ok, false, `${part} was changed, and the chain still agreed`);
    }
    for (const part of ["leaf", "path", "index"] as const) {
      const changed = tampered[part];
      assert.ok(changed);
      assert.equal(
        await verifiedByContract(changed),
        false,
        `${part} was changed, and the contract still agreed`,
      );
    }
  });

  it("shows every kind of event, with the states of its record", async () => {
    const [first, , third] = records;
    assert.ok(first && third);
    const counts = await withSql(databaseUrl, async (sql) => {
      const [row] = await sql<Record<string, bigint>[]>`
        SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM access) AS accesses,
          (SELECT count(*) FROM endorsement) AS endorsements, (SELECT count(*) FROM superseded) AS superseded,
          (SELECT count(*) FROM quarantine) AS quarantined, (SELECT size FROM log_state) AS entries`;
      return row;
    });
    assert.deepEqual(counts, {
      records: 9n,
      accesses: 1n,
      endorsements: 2n,
      superseded: 2n,
      quarantined: 0n,
      entries: 12n,
    });
    const client = createStemmaClient({
      apiUrl: indexer.url,
      rpcUrl: world.chain.rpcUrl,
      deployment: world.deployment.deployment,
    });
    const record = await client.fetchRecord({ recordHash: third.hash });
    assert.equal(record.state, "FINAL");
    assert.equal(record.validated, true);
  });

  it("walks the lineage up to the origins and down to what was derived", async () => {
    const derived = records[4];
    const [origin] = records;
    assert.ok(derived && origin);
    const document = `query ($recordHash: Hex!, $direction: LineageDirection!) {
      lineage(recordHash: $recordHash, direction: $direction, maxDepth: 10, maxNodes: 100) {
        truncated nodes { depth record { recordHash } }
      }
    }`;
    type Answer = {
      lineage: { truncated: boolean; nodes: { depth: number; record: { recordHash: Hex } }[] };
    };
    const up = await query<Answer>(document, { recordHash: derived.hash, direction: "UPSTREAM" });
    assert.deepEqual(
      new Set(up.lineage.nodes.map(({ record }) => record.recordHash)),
      new Set([derived.hash, ...derived.parents]),
    );
    const down = await query<Answer>(document, { recordHash: origin.hash, direction: "DOWNSTREAM" });
    assert.ok(down.lineage.nodes.some(({ record }) => record.recordHash === derived.hash));
    assert.equal(down.lineage.truncated, false);
  });

  it("is ready, and says in its metrics how far it is", async () => {
    assert.equal((await fetch(`${indexer.url}/ready`)).status, 200);
    const metrics = await (await fetch(`${indexer.url}/metrics`)).text();
    for (const line of [
      "stemma_log_size_entries 12",
      "stemma_log_checkpoint_entries 12",
      "stemma_anchor_size_entries 12",
      "stemma_anchor_lag_entries 0",
      "stemma_pipeline_leader_state 1",
      "stemma_decode_quarantined_total 0",
    ]) {
      assert.ok(metrics.includes(`${line}\n`), `${line} is missing`);
    }
  });

  it("has paid for each anchor once", async () => {
    const { publicClient, anchor, operator } = world.deployment;
    const events = await publicClient.getContractEvents({
      address: anchor,
      abi: checkpointAnchorAbi,
      eventName: "CheckpointAnchored",
      fromBlock: 0n,
    });
    assert.ok(events.length > 0);
    assert.equal(await publicClient.getTransactionCount({ address: operator.address }), events.length);
  });
});

function flip(hex: Hex): Hex {
  const bytes = hexToBytes(hex);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytesToHex(bytes);
}
