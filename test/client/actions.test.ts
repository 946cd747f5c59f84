import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import type { PreparedRecord, SignedRecord } from "../../client/index.ts";
import { DEFAULT_BATCH_LIMITS, splitBatch } from "../../client/record/splitBatch.ts";
import { toSubmission } from "../../client/record/toSubmission.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { dataId, namespaceId } from "../../protocol/dataset.ts";
import { recordHash } from "../../protocol/record.ts";
import { type ClientSetup, digest, setUpClient } from "./setup.ts";

describe("client actions on a chain", () => {
  let setup: ClientSetup;
  before(async () => {
    setup = await setUpClient();
    await setup.clientOf(0).registerNamespace({ namespace: "actions" });
  });
  after(() => setup?.chain.stop());

  /** Transactions of the first account that wait for a block. */
  async function inFlight(): Promise<number> {
    const count = async (tag: string) =>
      Number(await setup.chain.rpc("eth_getTransactionCount", [setup.addressOf(0), tag]));
    return (await count("pending")) - (await count("latest"));
  }

  it("registers a namespace and returns its id", async () => {
    const client = setup.clientOf(2);
    const result = await client.registerNamespace({ namespace: "example.com/two" });
    assert.equal(result.namespaceId, namespaceId("example.com/two"));
    const owner = await client.namespaceOwner({ namespaceId: result.namespaceId });
    assert.equal(owner.owner, setup.addressOf(2));
  });

  it("starts a dataset, and the chain knows the record under the hash computed here", async () => {
    const client = setup.clientOf(0);
    const started = await client.startDataset({ namespace: "actions", name: "start", dataHash: digest("a") });
    assert.equal(started.dataId, dataId(namespaceId("actions"), "start"));
    assert.equal(await client.getLatestHash({ dataId: started.dataId }), started.recordHash);
    const info = await client.recordInfo({ recordHash: started.recordHash });
    assert.equal(info.status, "ACTIVE");
    assert.equal(info.sequence, 1n);
    assert.equal(info.blockNumber, started.blockNumber);
    await assert.rejects(
      client.startDataset({ namespace: "actions", name: "start", dataHash: digest("b") }),
      {
        name: "PROVENANCE_DATASET_START_UNEXPECTED",
      },
    );
  });

  it("prepares a record on top of the head, with sorted parents and the chain's owner", async () => {
    const client = setup.clientOf(0);
    const one = await client.startDataset({ namespace: "actions", name: "p1", dataHash: digest("p1") });
    const two = await client.startDataset({ namespace: "actions", name: "p2", dataHash: digest("p2") });
    const descending = [one.recordHash, two.recordHash].sort().reverse();
    const prepared = await client.prepareRecord({
      dataId: one.dataId,
      dataHash: digest("both"),
      operation: "DERIVE",
      parents: descending,
    });
    assert.equal(prepared.record.previousHash, one.recordHash);
    assert.equal(prepared.record.dataOwner, setup.addressOf(0));
    assert.deepEqual(prepared.parents, [...descending].reverse());
    assert.equal(prepared.start, null);
    assert.equal(prepared.recordHash, recordHash(await client.connection.domain(), prepared.record));
    const submitted = await client.submitRecord(prepared);
    assert.equal(await client.getLatestHash({ dataId: one.dataId }), submitted.recordHash);
    assert.equal(await client.lineageLength({ dataId: one.dataId }), 2n);
  });

  it("lets a relayer pay for a signed record", async () => {
    const agent = setup.clientOf(0);
    const relayer = setup.clientOf(5);
    const prepared = await agent.prepareRecord({
      namespace: "actions",
      name: "relayed",
      dataHash: digest("r"),
      operation: "CREATE",
    });
    const first = await relayer.submitSigned(await agent.signRecord(prepared));
    const next = await agent.prepareRecord({
      dataId: prepared.record.dataId,
      dataHash: digest("s"),
      operation: "TRANSFORM",
    });
    const second = await relayer.submitSigned(await agent.signRecord(next));
    assert.equal(first.receipt.from.toLowerCase(), setup.addressOf(5));
    assert.equal(await agent.getLatestHash({ dataId: prepared.record.dataId }), second.recordHash);
  });

  it("keeps the name of a dataset off the chain where asked to", async () => {
    const client = setup.clientOf(0);
    const prepared = await client.prepareRecord({
      namespace: "actions",
      name: "secret name",
      publishName: false,
      dataHash: digest("n"),
      operation: "CREATE",
    });
    assert.equal(prepared.start?.name, "");
    const { receipt } = await client.submitRecord(prepared);
    const name = Buffer.from("secret name").toString("hex");
    assert.ok(receipt.logs.every((log) => !log.data.includes(name)));
    assert.equal(await client.getLatestHash({ dataId: prepared.record.dataId }), prepared.recordHash);
  });

  it("verifies a record and a lineage path on chain", async () => {
    const client = setup.clientOf(0);
    const first = await client.prepareRecord({
      namespace: "actions",
      name: "path",
      dataHash: digest("1"),
      operation: "CREATE",
    });
    await client.submitRecord(first);
    const second = await client.prepareRecord({
      dataId: first.record.dataId,
      dataHash: digest("2"),
      operation: "TRANSFORM",
    });
    await client.submitRecord(second);
    assert.equal(await client.verifyRecord({ record: second.record }), true);
    assert.equal(await client.verifyRecord({ record: { ...second.record, dataHash: digest("3") } }), false);
    const path = [second.record, first.record];
    assert.equal(await client.verifyLineage({ path, parents: [[], []] }), true);
    assert.equal(await client.verifyLineage({ path: [second.record], parents: [[]] }), false);
  });

  it("hands a namespace and a dataset over in two steps, and names writers", async () => {
    const owner = setup.clientOf(0);
    const heir = setup.clientOf(3);
    const { namespaceId: id } = await owner.registerNamespace({ namespace: "handed" });
    const { dataId: set } = await owner.startDataset({
      namespace: "handed",
      name: "d",
      dataHash: digest("d"),
    });
    assert.equal(await owner.isWriter({ dataId: set, account: setup.addressOf(4) }), false);
    await owner.setNamespaceWriter({ namespaceId: id, writer: setup.addressOf(4), allowed: true });
    assert.equal(await owner.isWriter({ dataId: set, account: setup.addressOf(4) }), true);
    await owner.setDatasetWriter({ dataId: set, writer: setup.addressOf(6), allowed: true });
    assert.equal(await owner.isWriter({ dataId: set, account: setup.addressOf(6) }), true);
    await owner.transferNamespace({ namespaceId: id, to: setup.addressOf(3) });
    assert.equal((await owner.namespaceOwner({ namespaceId: id })).pendingOwner, setup.addressOf(3));
    await heir.acceptNamespace({ namespaceId: id });
    assert.equal((await owner.namespaceOwner({ namespaceId: id })).owner, setup.addressOf(3));
    await owner.transferDataset({ dataId: set, to: setup.addressOf(3) });
    await heir.acceptDataset({ dataId: set });
    const { owner: now, namespaceId: of } = await owner.datasetOwner({ dataId: set });
    assert.deepEqual([now, of], [setup.addressOf(3), id]);
  });

  it("reports reads, and returns the hashes under which they are logged", async () => {
    const client = setup.clientOf(0);
    const { dataId: set, recordHash: read } = await client.startDataset({
      namespace: "actions",
      name: "read",
      dataHash: digest("read"),
    });
    const report = { dataId: set, recordHash: read, reader: digest("pseudonym"), purpose: "RESEARCH" };
    const { accessHashes } = await client.recordAccesses({ reports: [report, report] });
    assert.equal(accessHashes.length, 2);
    assert.notEqual(accessHashes[0], accessHashes[1]);
  });

  it("collects endorsements until the policy's threshold validates the record", async () => {
    const client = setup.clientOf(0);
    const { dataId: set } = await client.startDataset({
      namespace: "actions",
      name: "policy",
      dataHash: digest("x"),
    });
    const validators = [1, 2, 3].map(setup.addressOf);
    await client.setEndorsementPolicy({ dataId: set, validators, threshold: 2n });
    assert.deepEqual(await client.endorsementPolicy({ dataId: set }), {
      version: 1n,
      threshold: 2n,
      validators,
    });
    const prepared = await client.prepareRecord({
      dataId: set,
      dataHash: digest("y"),
      operation: "TRANSFORM",
    });
    const { recordHash: hash } = await client.submitRecord(prepared);
    const endorsements = await Promise.all(
      [1, 2].map((account) => setup.clientOf(account).signEndorsement({ recordHash: hash })),
    );
    await setup.clientOf(7).endorse({ dataId: set, recordHash: hash, endorsements });
    const info = await client.recordInfo({ recordHash: hash });
    assert.equal(info.validated, true);
    assert.equal(info.endorsementCount, 2n);
  });

  it("submits a batch in several transactions that are in flight together", async () => {
    const client = setup.clientOf(0);
    const names = Array.from({ length: 24 }, (_, i) => `batch-${i}`);
    const records: PreparedRecord[] = [];
    for (const name of names) records.push(await prepareOffline(name));
    await setup.chain.setAutomine(false);
    const seen: number[] = [];
    const batch = client.submitBatch({
      records,
      limits: { maxItems: 5 },
      maxInFlight: 8,
      onTransaction: ({ firstIndex }) => seen.push(firstIndex),
    });
    try {
      await waitUntil(
        async () =>
          Number(await setup.chain.rpc("eth_getTransactionCount", [setup.addressOf(0), "pending"])) -
            Number(await setup.chain.rpc("eth_getTransactionCount", [setup.addressOf(0), "latest"])) ===
          5,
      );
    } finally {
      await setup.chain.mine();
      await setup.chain.setAutomine(true);
    }
    const result = await batch;
    assert.deepEqual(seen, [0, 5, 10, 15, 20]);
    assert.deepEqual(
      result.transactions.map(({ count }) => count),
      [5, 5, 5, 5, 4],
    );
    assert.deepEqual(
      result.recordHashes,
      records.map((record) => record.recordHash),
    );
    for (const { record, recordHash: hash } of records) {
      assert.equal(await client.getLatestHash({ dataId: record.dataId }), hash);
    }

    async function prepareOffline(name: string): Promise<PreparedRecord> {
      return client.prepareRecord({
        namespace: "actions",
        name,
        dataHash: digest(name),
        operation: "CREATE",
        previousHash: ZERO_HASH,
        dataOwner: setup.addressOf(0),
      });
    }
  });

  it("stays below the gas that it grants to a batch, for every kind of submission", async () => {
    const owner = setup.clientOf(0);
    const { namespaceId: id } = await owner.registerNamespace({ namespace: "gas" });
    // A writer of the namespace is looked for last, so that checking costs most.
    await owner.setNamespaceWriter({ namespaceId: id, writer: setup.addressOf(4), allowed: true });
    const writer = setup.clientOf(4);
    const parents: Hex[] = [];
    const records: SignedRecord[] = [];
    let previousHash: Hex = ZERO_HASH;
    for (let i = 0; i < 64; i++) await add(`parent ${i}`, "CREATE", { previousHash: ZERO_HASH });
    parents.push(...records.map((record) => record.recordHash));
    await add("many parents", "DERIVE", { previousHash: ZERO_HASH, parents });
    await add("é".repeat(2_000), "CREATE", { previousHash: ZERO_HASH });
    for (const operation of ["CREATE", "TRANSFORM", "CORRECT", "REVOKE", "ERASE"]) {
      previousHash = await add("history", operation, { previousHash });
    }
    const relayer = setup.clientOf(5);
    const limits = { maxItems: 1 };
    await relayer.submitBatch({ records: records.slice(0, 64) });
    const { transactions } = await relayer.submitBatch({ records: records.slice(64), limits });
    const granted = splitBatch(
      records.slice(64).map((record) => toSubmission(relayer.connection, record)),
      {
        ...DEFAULT_BATCH_LIMITS,
        ...limits,
      },
    );
    for (const [i, { gasUsed }] of transactions.entries()) {
      const gas = granted[i]?.gas ?? 0n;
      assert.ok(gasUsed * 105n < gas * 100n, `transaction ${i} used ${gasUsed} of ${gas}`);
    }

    async function add(
      name: string,
      operation: string,
      more: { previousHash: Hex; parents?: Hex[] },
    ): Promise<Hex> {
      const prepared = await writer.prepareRecord({
        namespace: "gas",
        name,
        dataHash: digest(`${name} ${records.length}`),
        operation,
        dataOwner: setup.addressOf(0),
        ...more,
      });
      records.push(await writer.signRecord(prepared));
      return prepared.recordHash;
    }
  });

  it("leaves signing to the node where the account is a bare address", async () => {
    const { createStemmaClient } = await import("../../client/index.ts");
    const client = createStemmaClient({
      rpcUrl: setup.chain.rpcUrl,
      deployment: setup.deployed.deployment,
      account: setup.addressOf(8),
      pollingIntervalMs: 10,
    });
    const { namespaceId: id } = await client.registerNamespace({ namespace: "node signs" });
    assert.equal((await client.namespaceOwner({ namespaceId: id })).owner, setup.addressOf(8));
    const prepared = await client.prepareRecord({
      namespace: "node signs",
      name: "d",
      dataHash: digest("d"),
      operation: "CREATE",
    });
    await client.submitRecord(prepared);
    await assert.rejects(client.signRecord(prepared), { name: "ACCOUNT_MISSING" });
  });

  it("hashes files and streams with SHA-256, and names a file that it can't read", async () => {
    const { hashFile, hashStream } = await import("../../client/index.ts");
    const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
    const { tmpdir } = await import("node:os");
    const folder = await mkdtemp(`${tmpdir()}/stemma-hash-`);
    try {
      await writeFile(`${folder}/data`, "abc");
      // FIPS 180-2, appendix B.1.
      const abc = "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
      assert.equal(await hashFile(`${folder}/data`), abc);
      assert.equal(await hashStream(new Blob(["a", "bc"]).stream()), abc);
      await assert.rejects(hashFile(`${folder}/none`), { name: "FILE_UNREADABLE" });
      await assert.rejects(hashFile(folder), { name: "FILE_UNREADABLE" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("goes on with the next nonce after a refusal", async () => {
    const client = setup.clientOf(0);
    const { dataId: set } = await client.startDataset({
      namespace: "actions",
      name: "nonce",
      dataHash: digest("n"),
    });
    const prepared = await client.prepareRecord({
      dataId: set,
      dataHash: digest("m"),
      operation: "TRANSFORM",
    });
    await client.submitRecord(prepared);
    await assert.rejects(client.submitRecord(prepared), {
      name: "PROVENANCE_RECORD_EXISTS",
      code: "STM-344",
    });
    const next = await client.prepareRecord({ dataId: set, dataHash: digest("o"), operation: "TRANSFORM" });
    assert.equal((await client.submitRecord(next)).recordHash, next.recordHash);
  });

  it("tells why a transaction failed that was sent without an estimate", async () => {
    const client = setup.clientOf(0);
    const { dataId: set } = await client.startDataset({
      namespace: "actions",
      name: "race",
      dataHash: digest("1"),
    });
    const records = await Promise.all(
      ["2", "3"].map((text) =>
        client.prepareRecord({ dataId: set, dataHash: digest(text), operation: "TRANSFORM" }),
      ),
    );
    const accepted: number[] = [];
    await setup.chain.setAutomine(false);
    const batch = client.submitBatch({
      records,
      limits: { maxItems: 1 },
      onTransaction: ({ firstIndex }) => accepted.push(firstIndex),
    });
    const refused = assert.rejects(batch, { name: "PROVENANCE_STALE_HEAD", retry: true });
    try {
      await waitUntil(async () => (await inFlight()) === 2);
    } finally {
      await setup.chain.mine();
      await setup.chain.setAutomine(true);
    }
    await refused;
    assert.deepEqual(accepted, [0]);
    assert.equal(await client.getLatestHash({ dataId: set }), records[0]?.recordHash);
  });

  it("refuses a node of another chain, a missing account, an absent contract and a dead node", async () => {
    const { createStemmaClient } = await import("../../client/index.ts");
    const rpcUrl = setup.chain.rpcUrl;
    const addresses = { registry: setup.deployed.registry };
    const reader = createStemmaClient({ rpcUrl, addresses });
    const wrongChain = createStemmaClient({ rpcUrl, addresses: { ...addresses, chainId: 5n } });
    const noContract = createStemmaClient({ rpcUrl, addresses: { registry: setup.addressOf(9) } });
    const dead = createStemmaClient({ rpcUrl: "http://user:secret@127.0.0.1:1/key", addresses });
    const poor = createStemmaClient({
      rpcUrl,
      addresses,
      account: privateKeyToAccount(`0x${"42".repeat(32)}`),
    });
    await assert.rejects(reader.registerNamespace({ namespace: "x" }), { name: "ACCOUNT_MISSING" });
    await assert.rejects(wrongChain.getLatestHash({ dataId: ZERO_HASH }), { name: "WRONG_CHAIN" });
    await assert.rejects(noContract.getLatestHash({ dataId: ZERO_HASH }), { name: "CONTRACT_MISSING" });
    await assert.rejects(poor.registerNamespace({ namespace: "poor" }), { name: "FUNDS_MISSING" });
    await assert.rejects(dead.getLatestHash({ dataId: ZERO_HASH }), (error: Error & { code?: string }) => {
      assert.equal(error.name, "RPC_UNAVAILABLE");
      assert.ok(!error.message.includes("secret") && !error.message.includes("key"));
      return true;
    });
    assert.throws(() => createStemmaClient({ addresses }), { name: "USAGE" });
  });
});

async function waitUntil(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
