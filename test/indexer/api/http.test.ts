import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { Registry } from "prom-client";
import { createApi } from "../../../indexer/api/index.ts";
import type { FinalityDriverName } from "../../../indexer/model/chain.ts";
import { bytesToHex, concatBytes, hexToBytes } from "../../../protocol/bytes.ts";
import { verifyCheckpoint } from "../../../protocol/checkpoint.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { decodeLeaf, encodeLeaf } from "../../../protocol/leaf.ts";
import { entriesPath, tilePath } from "../../../protocol/tiles.ts";
import { leafHash } from "../../../protocol/tree/hash.ts";
import { createTree, rootOf } from "../../../protocol/tree/tree.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { ask, at, createWorld, signer, type World } from "./world.ts";

const ENTRIES = 600;

describe("plain HTTP", () => {
  let postgres: TestPostgres;
  let world: World;
  let finality: FinalityDriverName = "instant";
  let ping: () => Promise<void> = async () => undefined;
  const leaves: Uint8Array[] = [];

  before(async () => {
    postgres = await startPostgres();
    world = await createWorld({
      url: await postgres.createDatabase(),
      limits: { requestTimeoutMs: 2_000 },
      wrap: (given) => ({
        ...given,
        deployment: {
          ...given.deployment,
          get finality() {
            return finality;
          },
        },
        health: { ...given.health, ping: () => ping() },
      }),
    });
    for (let block = 0; block < 3; block++) {
      const steps = Array.from({ length: ENTRIES / 3 }, (_, i) => ({ name: `set ${block} ${i}` }));
      for (const hash of await world.addBlock(steps)) leaves.push(encodeLeaf("record", hexToBytes(hash)));
    }
    world.chainHealth.head = 3n;
  });
  after(async () => {
    await world.close();
    await postgres.stop();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${world.api.url}${path}`, { headers });
  const hashesOf = (path: string) =>
    get(path).then(async (response) => new Uint8Array(await response.arrayBuffer()));

  it("has no checkpoint and no tiles before the first checkpoint", async () => {
    await world.finalize();
    await world.sequence();
    for (const path of ["/checkpoint", "/tile/0/000", "/tile/entries/000"]) {
      const response = await get(path);
      assert.equal(response.status, 404);
      assert.equal(at(await response.json(), "error.name"), "LOG_NOT_AVAILABLE");
    }
  });

  it("serves the newest checkpoint as a signed note", async () => {
    const written = await world.checkpoint();
    const response = await get("/checkpoint");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    const checkpoint = verifyCheckpoint(await response.text(), [signer.vkey]);
    assert.equal(checkpoint.size, BigInt(ENTRIES));
    assert.deepEqual(checkpoint.root, written.root);
  });

  it("serves tiles that equal the protocol's tree, full and partial", async () => {
    const hashes = leaves.map(leafHash);
    const response = await get(`/${tilePath(0, 0n)}`);
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    assert.match(String(response.headers.get("cache-control")), /immutable/);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), concatBytes(...hashes.slice(0, 256)));
    assert.deepEqual(await hashesOf(`/${tilePath(0, 2n, 88)}`), concatBytes(...hashes.slice(512)));
    assert.deepEqual(await hashesOf(`/${tilePath(0, 0n, 3)}`), concatBytes(...hashes.slice(0, 3)));
    const roots = [hashes.slice(0, 256), hashes.slice(256, 512)].map((part) => rootOf(part));
    assert.deepEqual(await hashesOf(`/${tilePath(1, 0n, 2)}`), concatBytes(...roots));
    const tree = createTree();
    for (const hash of hashes) tree.append(hash);
    assert.deepEqual(tree.root(), world.logRoot());
  });

  it("serves entry bundles from which the leaves can be rebuilt", async () => {
    const bundles = [entriesPath(0n), entriesPath(1n), entriesPath(2n, 88)];
    const rebuilt: Uint8Array[] = [];
    for (const path of bundles) {
      const bundle = await hashesOf(`/${path}`);
      const view = new DataView(bundle.buffer);
      for (let offset = 0; offset < bundle.length; ) {
        const length = view.getUint16(offset);
        rebuilt.push(bundle.slice(offset + 2, offset + 2 + length));
        offset += 2 + length;
      }
    }
    assert.deepEqual(rebuilt.map(bytesToHex), leaves.map(bytesToHex));
    assert.equal(decodeLeaf(rebuilt[0] ?? new Uint8Array()).kind, "record");
  });

  it("refuses tiles that don't exist yet and paths that are not canonical", async () => {
    const missing = [
      "/tile/0/003",
      "/tile/0/002",
      "/tile/0/002.p/89",
      "/tile/1/000",
      "/tile/5/000",
      "/tile/entries/x001/000",
    ];
    const malformed = [
      "/tile/0/0",
      "/tile/00/000",
      "/tile/0/000.p/256",
      "/tile/0/000.p/0",
      "/tile/64/000",
      "/tile/",
      "/tile/0/x000/000",
      "/tile/0/../checkpoint%00",
    ];
    for (const path of [...missing, ...malformed]) {
      const response = await get(path);
      assert.equal(response.status, 404, path);
      const name = at(await response.json(), "error.name");
      assert.match(String(name), /LOG_NOT_AVAILABLE|TILE_PATH_INVALID|ROUTE_NOT_FOUND/, path);
    }
  });

  it("is live, and ready while nothing is wrong", async () => {
    assert.deepEqual(await (await get("/live")).json(), { live: true });
    const ready = await get("/ready");
    assert.deepEqual(await ready.json(), { ready: true });
    assert.equal(ready.status, 200);
  });

  it("is not ready, and says why, when something is", async () => {
    const reasons = async () => {
      const response = await get("/ready");
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("retry-after"), "1");
      const problems = at(await response.json(), "problems");
      assert.ok(Array.isArray(problems));
      for (const { reason } of problems) assert.ok(String(reason).length > 10);
      return problems.map(({ check }) => check);
    };
    world.chainHealth.head = 1_000n;
    assert.deepEqual(await reasons(), ["lag"]);
    world.chainHealth.head = null;
    assert.deepEqual(await reasons(), ["chain"]);
    world.chainHealth.head = 3n;
    world.chainHealth.nodeError = "connection refused";
    assert.deepEqual(await reasons(), ["chain"]);
    world.chainHealth.nodeError = null;
    world.health.halted = "the chain contradicts block 2";
    assert.deepEqual(await reasons(), ["halted"]);
    world.health.halted = null;
    world.chainHealth.headAgeMs = 600_000;
    assert.equal((await get("/ready")).status, 200, "a chain with instant finality may stand still");
    finality = "qbft";
    assert.deepEqual(await reasons(), ["head"]);
    finality = "instant";
    world.chainHealth.headAgeMs = 0;
    ping = () => Promise.reject(new StemmaError("DATABASE_NEWER", { found: 9, known: 3 }));
    assert.deepEqual(await reasons(), ["database"]);
    ping = () => new Promise(() => undefined);
    assert.deepEqual(await reasons(), ["database"]);
    assert.equal((await get("/live")).status, 200);
    ping = async () => undefined;
    assert.equal((await get("/ready")).status, 200);
  });

  it("counts requests, errors and open subscriptions", async () => {
    await ask(world.api.url, "{ records(first: 1000) { totalCount } }");
    const text = await (await get("/metrics")).text();
    assert.match(text, /stemma_api_requests_total\{route="graphql",status="200"\} \d+/);
    assert.match(text, /stemma_api_errors_total\{name="PAGE_TOO_LARGE"\} 1\n/);
    assert.match(text, /stemma_api_subscriptions_open 0/);
    assert.match(text, /stemma_api_request_seconds_bucket/);
  });

  it("shows GraphiQL to browsers, complete and without anything from elsewhere", async () => {
    const response = await get("/graphql", { accept: "text/html,application/xhtml+xml" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    const page = await response.text();
    assert.match(page, /Stemma GraphQL/);
    assert.equal(
      /<(script|link|img|iframe)[^>]+(src|href)=["']?(https?:)?\/\//i.test(
        page.replace(/<script>[\s\S]*<\/script>/, ""),
      ),
      false,
    );
    const policy = String(response.headers.get("content-security-policy"));
    assert.match(policy, /default-src 'none'/);
    assert.equal(/https?:/.test(policy), false);
    const head = await fetch(`${world.api.url}/graphql`, {
      method: "HEAD",
      headers: { accept: "text/html" },
    });
    assert.equal(head.status, 200);
    assert.equal(response.headers.get("content-encoding"), "gzip");
  });

  it("answers GET queries, other origins, unknown paths and wrong methods", async () => {
    const read = await get(`/graphql?query=${encodeURIComponent("{ _meta { chainId } }")}`, {
      accept: "application/json",
    });
    assert.deepEqual(at(await read.json(), "data._meta.chainId"), "31337");
    const preflight = await fetch(`${world.api.url}/graphql`, {
      method: "OPTIONS",
      headers: {
        origin: "https://explorer.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    assert.equal(preflight.status, 204);
    assert.match(String(preflight.headers.get("access-control-allow-headers")), /content-type/);
    const unknown = await get("/secret/../../etc/passwd?x=1");
    assert.equal(unknown.status, 404);
    assert.equal(at(await unknown.json(), "error.name"), "ROUTE_NOT_FOUND");
    const wrong = await fetch(`${world.api.url}/live`, { method: "DELETE" });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get("allow"), "GET, HEAD");
    assert.equal(wrong.headers.get("x-content-type-options"), "nosniff");
    const odd = await fetch(`${world.api.url}/graphql`, { method: "PUT", body: "{}" });
    assert.ok(odd.status >= 400);
    const type = await fetch(`${world.api.url}/graphql`, {
      method: "POST",
      body: "x",
      headers: { "content-type": "image/png" },
    });
    assert.equal(type.status, 415);
  });

  it("closes connections that never finish their request", async () => {
    const { hostname, port } = new URL(world.api.url);
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () =>
        socket.write("POST /graphql HTTP/1.1\r\nHost: x\r\n"),
      );
      socket.on("close", () => resolve());
      socket.on("error", () => undefined);
      socket.resume();
    });
    assert.ok(performance.now() - startedAt < 10_000);
    assert.equal((await get("/live")).status, 200);
  });

  it("says so when its port or its address can't be had", async () => {
    const { port } = new URL(world.api.url);
    const dependencies = { ...world.dependencies, metrics: new Registry() };
    const taken = createApi(dependencies, { host: "127.0.0.1", port: Number(port) });
    await assert.rejects(taken, { name: "API_PORT_TAKEN" });
    const elsewhere = createApi(
      { ...dependencies, metrics: new Registry() },
      { host: "203.0.113.1", port: 0 },
    );
    await assert.rejects(elsewhere, { name: "API_NOT_LISTENING" });
  });

  it("lets a request in flight finish when it closes", async () => {
    const second = await createWorld({
      url: await postgres.createDatabase(),
      wrap: (given) => ({
        ...given,
        reader: {
          ...given.reader,
          status: async () => {
            await new Promise((resolve) => setTimeout(resolve, 300));
            return given.reader.status();
          },
        },
      }),
    });
    try {
      const slow = ask(second.api.url, "{ _meta { records } }");
      await new Promise((resolve) => setTimeout(resolve, 100));
      const startedAt = performance.now();
      await second.api.close();
      assert.ok(performance.now() - startedAt < 3_000);
      assert.deepEqual((await slow).data, { _meta: { records: "0" } });
      await assert.rejects(fetch(`${second.api.url}/live`));
    } finally {
      await second.close();
    }
  });
});
