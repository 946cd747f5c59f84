import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createEtcdClient } from "../../../cluster/conductor/etcd/createEtcdClient.ts";
import type { EtcdClient, EtcdWatchEvent } from "../../../cluster/conductor/etcd/etcdClient.ts";
import { utf8 } from "../../../protocol/bytes.ts";
import { isStemmaError } from "../../../protocol/errors.ts";
import { type EtcdProcess, freePorts, startEtcd } from "./etcdProcess.ts";

describe("the client of etcd", () => {
  let server: EtcdProcess;
  let etcd: EtcdClient;

  before(async () => {
    server = await startEtcd();
    etcd = createEtcdClient({ endpoints: [server.endpoint], timeoutMs: 1_000 });
  });
  after(() => server.stop());

  it("reads back the bytes that were put, whatever they are", async () => {
    const value = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256);
    await etcd.put("bytes/é", value);
    const { items } = await etcd.range({ key: "bytes/é" });
    assert.equal(items[0]?.key, "bytes/é");
    assert.deepEqual(items[0]?.value, value);
  });

  it("finds nothing where nothing is", async () => {
    assert.deepEqual((await etcd.range({ key: "absent" })).items, []);
  });

  it("reads a prefix in the order of creation, and only that prefix", async () => {
    await etcd.put("order/b", utf8("1"));
    await etcd.put("order/a", utf8("2"));
    await etcd.put("order0", utf8("3"));
    const sorted = await etcd.range({ key: "order/", prefix: true }, { sort: "createRevision" });
    assert.deepEqual(
      sorted.items.map(({ key }) => key),
      ["order/b", "order/a"],
    );
    assert.equal((await etcd.range({ key: "order/", prefix: true }, { limit: 1 })).items.length, 1);
    assert.equal((await etcd.range({ key: "order/a", end: "order/b" })).items.length, 1);
  });

  it("does one of two transactions that compare the same absent key", async () => {
    const attempt = (value: string) =>
      etcd.transact({
        compare: [{ key: "once", createRevision: 0n }],
        success: [{ put: { key: "once", value: utf8(value) } }],
        failure: [{ range: { key: "once" } }],
      });
    const replies = await Promise.all([attempt("a"), attempt("b"), attempt("c")]);
    const winners = replies.filter(({ succeeded }) => succeeded);
    assert.equal(winners.length, 1);
    const stored = (await etcd.range({ key: "once" })).items[0];
    for (const reply of replies) if (!reply.succeeded) assert.deepEqual(reply.reads[0], [stored]);
  });

  it("compares a value, deletes a range and reads in one transaction", async () => {
    await etcd.put("value/1", utf8("old"));
    await etcd.put("value/2", utf8("other"));
    const refused = await etcd.transact({
      compare: [{ key: "value/1", value: utf8("new") }],
      success: [{ delete: { key: "value/", prefix: true } }],
    });
    assert.equal(refused.succeeded, false);
    const done = await etcd.transact({
      compare: [{ key: "value/1", value: utf8("old") }],
      success: [{ delete: { key: "value/1" } }, { range: { key: "value/", prefix: true } }],
    });
    assert.equal(done.succeeded, true);
    assert.deepEqual(
      done.reads[1]?.map(({ key }) => key),
      ["value/2"],
    );
  });

  it("drops a key with its lease, and says that the lease is gone", async () => {
    const { lease, ttlSeconds } = await etcd.grantLease(30);
    assert.equal(ttlSeconds, 30);
    await etcd.put("leased", utf8("x"), { lease });
    assert.equal((await etcd.range({ key: "leased" })).items[0]?.lease, lease);
    assert.equal(await etcd.keepLeaseAlive(lease), 30);
    await etcd.revokeLease(lease);
    assert.deepEqual((await etcd.range({ key: "leased" })).items, []);
    await assert.rejects(etcd.keepLeaseAlive(lease), (error) => isStemmaError(error, "ETCD_LEASE_GONE"));
    await assert.rejects(etcd.revokeLease(lease), (error) => isStemmaError(error, "ETCD_LEASE_GONE"));
    await assert.rejects(etcd.put("leased", utf8("x"), { lease }), (error) =>
      isStemmaError(error, "ETCD_LEASE_GONE"),
    );
  });

  it("names a request that is too large as refused", async () => {
    const value = new Uint8Array(2 * 1024 * 1024);
    await assert.rejects(etcd.put("large", value), (error) => isStemmaError(error, "ETCD_REFUSED"));
  });

  it("says what state the member is in", async () => {
    const status = await etcd.status();
    assert.match(status.version, /^3\./);
    assert.equal(status.leader, status.memberId);
    assert.ok(status.databaseBytes > 0n);
    assert.deepEqual(status.errors, []);
  });

  it("watches without a gap while etcd is killed and comes back", { timeout: 30_000 }, async () => {
    const from = await etcd.put("watched/0", utf8("0"));
    const abort = new AbortController();
    const seen: EtcdWatchEvent[] = [];
    const watching = (async () => {
      const range = { key: "watched/", prefix: true };
      for await (const events of etcd.watch(range, { fromRevision: from, signal: abort.signal }))
        seen.push(...events);
    })();
    try {
      await until(() => seen.length === 1);
      await server.kill();
      await server.restart();
      for (let i = 1; i < 5; i++) await etcd.put(`watched/${i}`, utf8(String(i)));
      await etcd.transact({ compare: [], success: [{ delete: { key: "watched/0" } }] });
      await until(() => seen.length >= 6);
    } finally {
      abort.abort();
      await watching;
    }
    assert.deepEqual(
      seen.map(({ type, item }) => `${type} ${item.key}`),
      [
        "put watched/0",
        "put watched/1",
        "put watched/2",
        "put watched/3",
        "put watched/4",
        "delete watched/0",
      ],
    );
  });

  it("refuses to watch from a revision that was compacted", async () => {
    const old = await etcd.put("compacted", utf8("1"));
    const now = await etcd.put("compacted", utf8("2"));
    const body = JSON.stringify({ revision: String(now), physical: true });
    await fetch(`${server.endpoint}/v3/kv/compaction`, { method: "POST", body });
    const changes = etcd.watch(
      { key: "compacted" },
      { fromRevision: old, signal: AbortSignal.timeout(10_000) },
    );
    await assert.rejects(
      async () => {
        for await (const _ of changes) assert.fail("a change of a compacted revision");
      },
      (error) => isStemmaError(error, "ETCD_COMPACTED"),
    );
  });

  it("asks the next endpoint after one that doesn't answer", async () => {
    const [closed] = await freePorts(1);
    const endpoints = [`http://127.0.0.1:${closed}`, server.endpoint];
    const two = createEtcdClient({ endpoints, timeoutMs: 1_000 });
    await assert.rejects(two.status(), (error) => isStemmaError(error, "ETCD_UNAVAILABLE") && error.retry);
    assert.ok((await two.status()).leader > 0n);
  });
});

describe("the client of an etcd that misbehaves", () => {
  async function against(reply: string, status: number, use: (etcd: EtcdClient) => Promise<void>) {
    const server = createServer((_, response) => {
      response.statusCode = status;
      if (reply !== "") response.end(reply);
    }).listen(0, "127.0.0.1");
    try {
      await new Promise((done) => server.once("listening", done));
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      await use(createEtcdClient({ endpoints: [`http://127.0.0.1:${address.port}`], timeoutMs: 200 }));
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  const cases = [
    ["not JSON", "<html>", 200, "ETCD_REPLY_INVALID"],
    ["a reply without its header", "{}", 200, "ETCD_REPLY_INVALID"],
    ["bytes that aren't base64", '{"header":{},"kvs":[{"key":"*"}]}', 200, "ETCD_REPLY_INVALID"],
    ["an error page of a proxy", "<html>", 502, "ETCD_UNAVAILABLE"],
    ["silence", "", 200, "ETCD_UNAVAILABLE"],
    ["no leader", '{"code":14,"message":"etcdserver: no leader"}', 503, "ETCD_UNAVAILABLE"],
    ["a full database", '{"code":8,"message":"etcdserver: mvcc: database space exceeded"}', 429, "ETCD_FULL"],
  ] as const;
  for (const [what, reply, status, name] of cases) {
    it(`answers ${what} with ${name}`, () =>
      against(reply, status, (etcd) =>
        assert.rejects(etcd.range({ key: "x" }), (error) => isStemmaError(error, name)),
      ));
  }
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries++) await sleep(25);
  assert.ok(condition());
}
