import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import {
  createStemmaClient,
  type StemmaClient,
  verifyProof,
  verifyProofOnChain,
} from "../../client/index.ts";
import type { RunningIndexer } from "../../indexer/main.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { settled, startWorld, type World } from "../helpers/indexer.ts";
import { all, digest } from "./setup.ts";

describe("the client and the indexer's API", () => {
  let world: World;
  let indexer: RunningIndexer;
  let client: StemmaClient;
  let databaseUrl: string;
  const hashes: Hex[] = [];
  let source: { recordHash: Hex; dataId: Hex };
  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
    indexer = await world.start(databaseUrl);
    client = clientAt(indexer.url);
    await client.registerNamespace({ namespace: "api" });
    source = await client.startDataset({ namespace: "api", name: "source", dataHash: digest("source") });
    hashes.push(source.recordHash);
    for (let i = 1; i < 8; i++) {
      const prepared = await client.prepareRecord({
        namespace: "api",
        name: "derived",
        dataHash: digest(`derived ${i}`),
        operation: i === 1 ? "CREATE" : "DERIVE",
        parents: i === 1 ? [] : [source.recordHash],
      });
      hashes.push((await client.submitRecord(prepared)).recordHash);
    }
    const report = {
      dataId: source.dataId,
      recordHash: source.recordHash,
      reader: digest("reader"),
      purpose: "AUDIT",
    };
    await client.recordAccesses({ reports: [report] });
    await settled(databaseUrl, world.deployment);
  });
  after(async () => {
    await indexer?.stop();
    await world?.stop();
  });

  function clientAt(apiUrl: string, more: object = {}): StemmaClient {
    const [first] = world.chain.accounts;
    assert.ok(first);
    return createStemmaClient({
      rpcUrl: world.chain.rpcUrl,
      deployment: world.deployment.deployment,
      account: privateKeyToAccount(first.privateKey),
      pollingIntervalMs: 10,
      apiUrl,
      ...more,
    });
  }
  const last = () => hashes.at(-1) ?? ZERO_HASH;

  it("tells where the index stands", async () => {
    const meta = await client.fetchMeta();
    assert.equal(meta.registry, world.deployment.registry);
    assert.equal(meta.records, 8n);
    assert.equal(meta.logSize, 9n);
    assert.equal(meta.logKey, indexer.logKey);
    assert.equal(meta.lag.blocks, 0n);
  });

  it("fetches a record with its states, and a dataset with its head, by id or by names", async () => {
    const record = await client.fetchRecord({ recordHash: last() });
    assert.equal(record.state, "FINAL");
    assert.ok(record.states.finalAt instanceof Date);
    assert.deepEqual(record.parentHashes, [source.recordHash]);
    assert.equal(record.dataset?.name, "derived");
    const byName = await client.fetchDataset({ namespace: "api", name: "derived" });
    assert.equal(byName.head?.recordHash, last());
    assert.equal(byName.recordCount, 7n);
    assert.deepEqual(await client.fetchDataset({ dataId: byName.dataId }), byName);
  });

  it("walks pages of records, oldest or newest first, whatever the page size", async () => {
    const oldest = await all(client.records({ pageSize: 3 }));
    assert.deepEqual(
      oldest.map(({ recordHash }) => recordHash),
      hashes,
    );
    const newest = await all(client.records({ pageSize: 8, order: "NEWEST_FIRST" }));
    assert.deepEqual(
      newest.map(({ recordHash }) => recordHash),
      hashes.toReversed(),
    );
    const ofSource = await all(client.records({ dataId: source.dataId }));
    assert.deepEqual(
      ofSource.map(({ recordHash }) => recordHash),
      [source.recordHash],
    );
    const derives = await all(client.records({ operation: "DERIVE", pageSize: 2 }));
    assert.equal(derives.length, 6);
  });

  it("walks datasets, the access log and checkpoints", async () => {
    const names = (await all(client.datasets({ pageSize: 1 }))).map(({ name }) => name);
    assert.deepEqual(names, ["source", "derived"]);
    const accesses = await all(client.accesses({ dataId: source.dataId }));
    assert.deepEqual(
      accesses.map(({ purpose }) => purpose),
      ["AUDIT"],
    );
    const [newest] = await all(client.checkpoints({ pageSize: 2 }));
    assert.equal(newest?.size, 9n);
    assert.equal(newest?.anchor?.state, "FINAL");
  });

  it("answers lineage in both directions, within limits, as of a block", async () => {
    const upstream = await client.fetchLineage({ recordHash: last() });
    assert.equal(upstream.nodes.length, 8);
    assert.equal(upstream.truncated, false);
    const limited = await client.fetchLineage({ recordHash: last(), maxDepth: 1 });
    assert.equal(limited.truncated, true);
    const downstream = await client.fetchLineage({ dataId: source.dataId, direction: "DOWNSTREAM" });
    assert.equal(downstream.nodes.length, 7);
    const { blockNumber } = await client.fetchRecord({ recordHash: hashes[3] ?? ZERO_HASH });
    const past = await client.fetchLineage({
      dataId: source.dataId,
      direction: "DOWNSTREAM",
      asOfBlock: blockNumber,
    });
    assert.equal(past.nodes.length, 3);
  });

  it("fetches proofs that hold offline with the log's key, and down to the chain", async () => {
    for (const recordHash of hashes) {
      const proof = await client.fetchProof({ recordHash });
      assert.equal(verifyProof(proof, { vkeys: [indexer.logKey] }).ok, true);
      const { registry, anchor, chainId, genesisHash, origin } = world.deployment;
      const rpcUrl = world.chain.rpcUrl;
      const verdict = await verifyProofOnChain({
        proof,
        rpcUrl,
        registry,
        anchor,
        chainId,
        genesisHash,
        origin,
      });
      assert.deepEqual(
        verdict.steps.filter(({ ok }) => !ok),
        [],
      );
    }
  });

  it("raises the API's errors under their own names", async () => {
    await assert.rejects(client.fetchRecord({ recordHash: digest("?") }), { name: "RECORD_NOT_FOUND" });
    await assert.rejects(client.fetchProof({ recordHash: digest("?") }), {
      name: "RECORD_NOT_FOUND",
      retry: true,
    });
    await assert.rejects(client.fetchDataset({ namespace: "api", name: "?" }), { name: "DATASET_NOT_FOUND" });
    await assert.rejects(client.fetchRecord({ recordHash: "0x12" }), { name: "ARGUMENT_INVALID" });
    await assert.rejects(client.records({ after: "nonsense" }).next(), { name: "CURSOR_INVALID" });
    await assert.rejects(client.records({ pageSize: 100_000 }).next(), { name: "PAGE_TOO_LARGE" });
    await assert.rejects(clientAt("http://127.0.0.1:1").fetchMeta(), {
      name: "API_UNAVAILABLE",
      retry: true,
    });
    const noApi = createStemmaClient({ rpcUrl: world.chain.rpcUrl, deployment: world.deployment.deployment });
    await assert.rejects(noApi.fetchMeta(), { name: "API_URL_MISSING" });
  });

  it("refuses replies of another shape", async () => {
    const answers = [`{"data":{"_meta":{"chainId":1}}}`, "[]", "<html>"];
    const server = createServer((_, response) => response.end(answers.shift() ?? "{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const strange = clientAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await assert.rejects(strange.fetchMeta(), { name: "API_REPLY_INVALID" });
      await assert.rejects(strange.fetchMeta(), { name: "API_REPLY_INVALID" });
      await assert.rejects(strange.fetchMeta(), { name: "API_UNAVAILABLE" });
    } finally {
      server.close();
    }
  });

  it("watches records from the beginning, and resumes after a lost connection without a gap or a double", async () => {
    let connections = 0;
    const breaking: typeof fetch = async (input, init) => {
      connections += 1;
      const cut = new AbortController();
      const signal = init?.signal ? AbortSignal.any([init.signal, cut.signal]) : cut.signal;
      const response = await fetch(input, { ...init, signal });
      if (connections <= 2) setTimeout(() => cut.abort(), 150);
      return response;
    };
    const watcher = clientAt(indexer.url, { fetch: breaking });
    const stop = new AbortController();
    const seen: Hex[] = [];
    const expected = [...hashes];
    const watching = (async () => {
      for await (const { type, record } of watcher.watchRecords({
        fromBlock: 0n,
        signal: stop.signal,
        retryMs: 20,
      })) {
        assert.equal(type, "ADDED");
        if (record) seen.push(record.recordHash);
        if (seen.length === 11) return;
      }
    })();
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const prepared = await client.prepareRecord({
        namespace: "api",
        name: "live",
        dataHash: digest(`live ${i}`),
        operation: "TRANSFORM",
      });
      expected.push((await client.submitRecord(prepared)).recordHash);
    }
    try {
      await watching;
    } finally {
      stop.abort();
    }
    assert.deepEqual(seen, expected);
    assert.ok(connections >= 3, `${connections} connections`);
  });

  it("follows one record until it is final, and checkpoints as they are signed", async () => {
    const checkpoints = client.watchCheckpoints({ afterSize: 0n });
    const prepared = await client.prepareRecord({
      namespace: "api",
      name: "followed",
      dataHash: digest("f"),
      operation: "CREATE",
    });
    const states = all(client.watchStates({ recordHash: prepared.recordHash }));
    await client.submitRecord(prepared);
    assert.deepEqual((await states).at(-1)?.state, "FINAL");
    const first = await checkpoints.next();
    const second = await checkpoints.next();
    assert.ok(first.value && second.value && first.value.size < second.value.size);
    await checkpoints.return(undefined);
  });

  it("ends a subscription with the API's error where it can't begin", async () => {
    await assert.rejects(client.watchRecords({ after: "nonsense" }).next(), { name: "CURSOR_INVALID" });
  });
});
