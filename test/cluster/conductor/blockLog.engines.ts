import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Block } from "../../../cluster/conductor/engine/payload.ts";
import { createEtcdClient } from "../../../cluster/conductor/etcd/createEtcdClient.ts";
import type { EtcdClient } from "../../../cluster/conductor/etcd/etcdClient.ts";
import type { BlockLog } from "../../../cluster/conductor/log/blockLog.ts";
import { createBlockLog, toEntry } from "../../../cluster/conductor/log/createBlockLog.ts";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../../protocol/bytes.ts";
import { isStemmaError } from "../../../protocol/errors.ts";
import { type EtcdProcess, startEtcd } from "./etcdProcess.ts";

const GENESIS: Hex = `0x${"9".repeat(64)}`;

function makeBlock(height: number, parentHash: Hex, transactions: readonly Hex[] = []) {
  const block: Block = {
    executionPayload: {
      parentHash,
      feeRecipient: `0x${"00".repeat(20)}`,
      stateRoot: ZERO_HASH,
      receiptsRoot: ZERO_HASH,
      logsBloom: `0x${"00".repeat(256)}`,
      prevRandao: ZERO_HASH,
      blockNumber: `0x${height.toString(16)}`,
      gasLimit: "0x1",
      gasUsed: "0x0",
      timestamp: "0x5",
      extraData: "0x",
      baseFeePerGas: "0x0",
      blockHash: bytesToHex(randomBytes(32)),
      transactions: [...transactions],
      withdrawals: [],
      blobGasUsed: "0x0",
      excessBlobGas: "0x0",
    },
    parentBeaconBlockRoot: ZERO_HASH,
    executionRequests: ["0x0102"],
  };
  return toEntry(block);
}

describe("the block log in etcd", () => {
  let server: EtcdProcess;
  let etcd: EtcdClient;
  let prefix: string;
  let log: BlockLog;
  let fence: bigint;
  let lease: bigint;
  let runs = 0;

  before(async () => {
    server = await startEtcd();
    etcd = createEtcdClient({ endpoints: [server.endpoint] });
  });
  after(() => server.stop());
  beforeEach(async () => {
    prefix = `test${++runs}/`;
    log = createBlockLog(etcd, { prefix, name: "a", leaseSeconds: 60 });
    await log.open(GENESIS);
    ({ lease } = await log.grantLease());
    fence = await log.stand(lease);
  });

  it("begins at the genesis, and refuses another chain's", async () => {
    await log.open(GENESIS);
    const { head, next } = await log.read(0n);
    assert.deepEqual({ head, next }, { head: { height: 0n, hash: GENESIS }, next: null });
    await assert.rejects(log.open(ZERO_HASH), (error) => isStemmaError(error, "BLOCK_LOG_FOREIGN"));
  });

  it("gives back what was committed, in one chunk or several", async () => {
    const small = makeBlock(1, GENESIS, ["0x01"]);
    const large = makeBlock(2, small.point.hash, [bytesToHex(randomBytes(7_300_000))]);
    for (const entry of [small, large]) assert.equal((await log.commit(entry, fence)).type, "committed");
    assert.ok((await etcd.range({ key: `${prefix}payload/`, prefix: true })).items.length > 3);
    assert.deepEqual((await log.read(0n)).next, small);
    const { head, next } = await log.read(1n);
    assert.deepEqual(next, large);
    assert.deepEqual(head, { height: 2n, hash: large.point.hash });
  });

  it("holds one block for each height, whoever repeats what", async () => {
    const rivals = [makeBlock(1, GENESIS), makeBlock(1, GENESIS), makeBlock(1, GENESIS)];
    const replies = await Promise.all(rivals.map((entry) => log.commit(entry, fence)));
    assert.equal(replies.filter(({ type }) => type === "committed").length, 1);
    const winner = rivals[replies.findIndex(({ type }) => type === "committed")];
    assert.ok(winner);
    assert.deepEqual(await log.commit(winner, fence), { type: "refused", fenced: false });
    assert.deepEqual((await log.read(0n)).next, winner);
  });

  it("refuses a block on another parent and a height ahead", async () => {
    const refused = { type: "refused", fenced: false };
    assert.deepEqual(await log.commit(makeBlock(1, ZERO_HASH), fence), refused);
    assert.deepEqual(await log.commit(makeBlock(2, GENESIS), fence), refused);
  });

  it("lets nobody write whose lease is gone", async () => {
    assert.equal(await log.place(fence), "first");
    const other = createBlockLog(etcd, { prefix, name: "b", leaseSeconds: 60 });
    const second = await other.stand((await other.grantLease()).lease);
    assert.equal(await other.place(second), "later");
    await log.revoke(lease);
    assert.equal(await log.place(fence), "gone");
    assert.equal(await other.place(second), "first");
    const fenced = { type: "refused", fenced: true };
    assert.deepEqual(await log.commit(makeBlock(1, GENESIS), fence), fenced);
    const large = makeBlock(1, GENESIS, [bytesToHex(randomBytes(2_500_000))]);
    assert.deepEqual(await log.commit(large, fence), fenced);
    assert.deepEqual(await log.prune(5n, fence), fenced);
    assert.equal((await other.commit(makeBlock(1, GENESIS), second)).type, "committed");
    await assert.rejects(log.keepAlive(lease), (error) => isStemmaError(error, "ETCD_LEASE_GONE"));
  });

  it("gives the same token to a candidate that stands twice", async () => {
    assert.equal(await log.stand(lease), fence);
  });

  it("hands no damaged block over, and names the one to fetch", async () => {
    const entry = makeBlock(1, GENESIS, [bytesToHex(randomBytes(2_500_000))]);
    await log.commit(entry, fence);
    const chunks = (await etcd.range({ key: `${prefix}payload/`, prefix: true })).items;
    const [chunk] = chunks;
    assert.ok(chunk);
    const fetch = { height: 1n, hash: entry.point.hash };
    const damaged = Uint8Array.from(chunk.value, (byte, i) => (i === 5_000 ? byte ^ 1 : byte));
    for (const value of [damaged, chunk.value.subarray(1), utf8("")]) {
      await etcd.put(chunk.key, value);
      const reply = await log.read(0n);
      assert.deepEqual({ next: reply.next, fetch: reply.fetch }, { next: null, fetch });
    }
    await etcd.put(chunk.key, chunk.value);
    assert.deepEqual((await log.read(0n)).next, entry);
  });

  it("forgets old heights with their payloads, and names the block before the oldest", async () => {
    let parent = GENESIS;
    const entries = [1, 2, 3, 4].map((height) => {
      const entry = makeBlock(height, parent);
      parent = entry.point.hash;
      return entry;
    });
    for (const entry of entries) await log.commit(entry, fence);
    assert.deepEqual(await log.prune(3n, fence), { type: "done" });
    const { next, fetch, head } = await log.read(0n);
    assert.equal(next, null);
    assert.deepEqual(fetch, { height: 2n, hash: entries[1]?.point.hash });
    assert.equal(head.height, 4n);
    assert.deepEqual((await log.read(2n)).next, entries[2]);
    assert.equal((await etcd.range({ key: `${prefix}payload/`, prefix: true })).items.length, 2);
  });

  it("says when the head changes", { timeout: 10_000 }, async () => {
    const abort = new AbortController();
    const entry = makeBlock(1, GENESIS);
    const timer = setInterval(() => void log.commit(entry, fence), 100);
    try {
      for await (const head of log.changes(abort.signal)) {
        assert.deepEqual(head, { height: 1n, hash: entry.point.hash });
        break;
      }
    } finally {
      clearInterval(timer);
      abort.abort();
    }
  });

  it("refuses to read a head that isn't one", async () => {
    await etcd.put(`${prefix}head`, utf8("{}"));
    await assert.rejects(log.read(0n), (error) => isStemmaError(error, "BLOCK_LOG_DAMAGED"));
  });
});
