import assert from "node:assert/strict";
import { request } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { getIntrospectionQuery } from "graphql";
import type { Reader } from "../../../indexer/model/reader.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { ask, at, createWorld, errorNames, type World } from "./world.ts";

describe("limits and errors", () => {
  let postgres: TestPostgres;
  let world: World;
  /** Replaces calls of the reader for one test. */
  let stub: Partial<Reader> = {};

  before(async () => {
    postgres = await startPostgres();
    world = await createWorld({
      url: await postgres.createDatabase(),
      limits: { executionTimeoutMs: 400 },
      wrap: (given) => ({
        ...given,
        reader: new Proxy(given.reader, {
          get: (reader, name) => Reflect.get(stub, name) ?? Reflect.get(reader, name),
        }),
      }),
    });
    await world.addBlock([{ name: "raw", operation: "CREATE" }]);
  });
  after(async () => {
    await world.close();
    await postgres.stop();
  });
  afterEach(async () => {
    stub = {};
    // Whatever a test did to it, the server answers the next one.
    const reply = await ask(world.api.url, "{ _meta { records } }");
    assert.deepEqual(reply.data, { _meta: { records: "1" } });
  });

  async function refused(name: string, query: string, variables: object = {}, extra: object = {}) {
    const reply = await ask(world.api.url, query, variables, extra);
    assert.ok(reply.errors.length > 0, "nothing was refused");
    for (const error of reply.errors) {
      assert.equal(error.extensions.name, name);
      assert.match(String(error.extensions.code), /^STM-\d{3}$/);
      assert.equal(typeof error.extensions.advice, "string");
      assert.equal(JSON.stringify(error).includes("node_modules"), false);
    }
    return reply;
  }

  it("refuse documents that are too long or have too many tokens", async () => {
    await refused("QUERY_DOCUMENT_TOO_LARGE", `{ _meta { records } } #${"x".repeat(20_000)}`);
    await refused("QUERY_TOO_MANY_TOKENS", `{ ${"_meta { records } ".repeat(600)} }`);
    await refused("QUERY_TOO_MANY_TOKENS", "{".repeat(5_000));
  });

  it("refuse queries that nest too deeply, through fragments too", async () => {
    const nest = (depth: number) => `${"previous { ".repeat(depth)} recordHash ${"}".repeat(depth)}`;
    await refused("QUERY_TOO_DEEP", `{ record(recordHash: "0x${"11".repeat(32)}") { ${nest(11)} } }`);
    const fragments = Array.from(
      { length: 14 },
      (_, i) => `fragment F${i} on Record { previous { ...F${i + 1} } }`,
    );
    await refused(
      "QUERY_TOO_DEEP",
      `{ record(recordHash: "0x${"11".repeat(32)}") { ...F0 } } ${fragments.join(" ")} fragment F14 on Record { agent }`,
    );
    const fine = await ask(world.api.url, `{ record(recordHash: "0x${"11".repeat(32)}") { ${nest(10)} } }`);
    assert.deepEqual(fine.errors, []);
  });

  it("refuse fragments that spread themselves", async () => {
    await refused("QUERY_INVALID", "{ ...F } fragment F on Query { ...F }");
  });

  it("refuse too many aliases", async () => {
    const many = Array.from({ length: 31 }, (_, i) => `a${i}: _meta { records }`);
    await refused("QUERY_TOO_MANY_ALIASES", `{ ${many.join(" ")} }`);
  });

  it("count what variables and defaults resolve to, whichever operation runs", async () => {
    const wide = (size: string) =>
      `datasets(first: ${size}) { nodes { records(first: ${size}) { nodes { accesses(first: ${size}) { nodes { purpose } } } } } }`;
    await refused("QUERY_TOO_COSTLY", `{ ${wide("100")} }`);
    await refused("QUERY_TOO_COSTLY", `query W($n: Int) { ${wide("$n")} }`, { n: 100 });
    await refused("QUERY_TOO_COSTLY", `query W($n: Int = 100) { ${wide("$n")} }`);
    await refused(
      "QUERY_TOO_COSTLY",
      `query Cheap { _meta { records } } query Dear($n: Int) { ${wide("$n")} }`,
      { n: 100 },
      { operationName: "Dear" },
    );
    await refused("QUERY_TOO_COSTLY", `query W($n: Int) { ...F } fragment F on Query { ${wide("$n")} }`, {
      n: 100,
    });
    const fine = await ask(world.api.url, `query W($n: Int) { ${wide("$n")} }`, { n: 3 });
    assert.deepEqual(fine.errors, []);
  });

  it("leave room for the largest lineage with its records", async () => {
    const query = `query L($n: Int) { lineage(recordHash: "${world.headOf("raw")}", maxNodes: $n) {
      nodes { depth record { recordHash state parentHashes dataset { name } } } edges { child parent } truncated } }`;
    const reply = await ask(world.api.url, query, { n: 10_000 });
    assert.deepEqual(reply.errors, []);
    await refused(
      "QUERY_TOO_COSTLY",
      query.replace("dataset { name }", "dataset { name head { agent } } parents { agent }"),
      { n: 10_000 },
    );
  });

  it("cancel the store's work when the time is up", async () => {
    let cancelled = false;
    stub = {
      records: (_page, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => {
            cancelled = true;
            reject(new StemmaError("QUERY_TIMEOUT", { query: "records", timeoutMs: 1 }));
          });
        }),
    };
    const startedAt = performance.now();
    const reply = await refused("QUERY_TOO_SLOW", "{ records { nodes { agent } } }");
    assert.ok(performance.now() - startedAt < 3_000);
    assert.equal(reply.errors[0]?.extensions.retry, true);
    assert.equal(cancelled, true);
  });

  it("cancel the store's work when the caller leaves", async () => {
    const started = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    stub = {
      records: (_page, signal) =>
        new Promise((_, reject) => {
          started.resolve();
          signal?.addEventListener("abort", () => {
            cancelled.resolve();
            reject(new StemmaError("QUERY_TIMEOUT", { query: "records", timeoutMs: 1 }));
          });
        }),
    };
    const caller = new AbortController();
    const call = fetch(`${world.api.url}/graphql?query={records{nodes{agent}}}`, { signal: caller.signal });
    await started.promise;
    caller.abort();
    await assert.rejects(call);
    await cancelled.promise;
  });

  it("say what is wrong with a query, its variables or its scalars", async () => {
    await refused("QUERY_INVALID", "{ nope }");
    await refused("QUERY_INVALID", "{ records(");
    await refused("QUERY_INVALID", "query Q($n: Int!) { records(first: $n) { totalCount } }");
    await refused("QUERY_INVALID", "query Q($n: Int) { records(first: $n) { totalCount } }", { n: "many" });
    await refused("QUERY_INVALID", "");
    await refused("INVALID_HEX", '{ record(recordHash: "nothex") { agent } }');
    await refused("INVALID_HEX", "query Q($h: Hex!) { record(recordHash: $h) { agent } }", { h: "0xzz" });
    await refused("ARGUMENT_INVALID", "query Q($h: Hex!) { record(recordHash: $h) { agent } }", { h: 5 });
    await refused("ARGUMENT_INVALID", '{ record(recordHash: "0x1234") { agent } }');
    await refused("ARGUMENT_INVALID", '{ checkpoint(size: "1e5") { note } }');
    await refused("ARGUMENT_INVALID", "query Q($s: BigInt) { checkpoint(size: $s) { note } }", { s: 1.5 });
    await refused(
      "ARGUMENT_INVALID",
      "query Q($s: String) { datasets(nameContains: $s) { nodes { name } } }",
      { s: "a\u0000b" },
    );
    await refused("INVALID_OPERATION", "query Q($s: String) { records(operation: $s) { nodes { agent } } }", {
      s: "no spaces please",
    });
    await refused("ARGUMENT_INVALID", "{ dataset { name } }");
  });

  it("refuse batches, uploads, mutations and bodies that are too large", async () => {
    const send = (body: string | FormData, headers: Record<string, string> = {}) =>
      fetch(`${world.api.url}/graphql`, { method: "POST", body, headers });
    const json = { "content-type": "application/json" };
    const batch = await send(JSON.stringify([{ query: "{ _meta { records } }" }]), json);
    assert.ok(batch.status >= 400);
    assert.match(await batch.text(), /STM-820/);
    const form = new FormData();
    form.set("operations", '{"query":"{ _meta { records } }"}');
    const upload = await send(form);
    assert.ok(upload.status >= 400);
    await upload.body?.cancel();
    const broken = await send("{", json);
    assert.ok(broken.status >= 400);
    assert.match(await broken.text(), /STM-820/);
    const large = await send(JSON.stringify({ query: `# ${"x".repeat(300_000)}` }), json);
    assert.equal(large.status, 413);
    assert.match(await large.text(), /REQUEST_TOO_LARGE/);
    await refused("QUERY_INVALID", "mutation { nothing }");
  });

  it("stop reading a body without end", async () => {
    const { hostname, port } = new URL(world.api.url);
    const outcome = await new Promise<string>((resolve) => {
      const call = request({
        hostname,
        port,
        path: "/graphql",
        method: "POST",
        headers: { "content-type": "application/json" },
      });
      call.on("error", () => resolve("closed"));
      call.on("response", (response) => {
        resolve(String(response.statusCode));
        call.destroy();
      });
      const pump = () => {
        if (!call.destroyed) call.write("x".repeat(64 * 1024), () => setImmediate(pump));
      };
      pump();
    });
    assert.match(outcome, /closed|413|400/);
  });

  it("mask what isn't meant for users, and log it once under the id shown", async () => {
    stub = { status: () => Promise.reject(new TypeError("secret: postgres://admin:hunter2@db")) };
    world.logLines.length = 0;
    const reply = await refused("INTERNAL_ERROR", "{ _meta { records } }");
    assert.equal(JSON.stringify(reply.errors).includes("hunter2"), false);
    const failures = world.logLines.filter(({ level }) => level === "error");
    assert.equal(failures.length, 1);
    assert.equal(failures[0]?.attributes.errorId, at(reply.errors[0], "extensions.values.id"));
    assert.match(String(failures[0]?.attributes.err), /hunter2/);
  });

  it("mask coded errors of the inside too, and answer 503 where the store is away", async () => {
    stub = { status: () => Promise.reject(new StemmaError("STORE_FAILED", { reason: "relation secret" })) };
    const masked = await refused("INTERNAL_ERROR", "{ _meta { records } }");
    assert.equal(JSON.stringify(masked.errors).includes("relation"), false);
    stub = {
      status: () => Promise.reject(new StemmaError("STORE_UNAVAILABLE", { reason: "10.0.0.5 refused" })),
    };
    const away = await refused("STORE_UNAVAILABLE", "{ _meta { records } }");
    assert.equal(away.status, 503);
    assert.equal(away.headers.get("retry-after"), "1");
    assert.equal(JSON.stringify(away.errors).includes("10.0.0.5"), false);
  });

  it("leave introspection open", async () => {
    const reply = await ask(world.api.url, getIntrospectionQuery());
    assert.deepEqual(reply.errors, []);
    assert.equal(at(reply.data, "__schema.queryType.name"), "Query");
  });

  it("survive many bad requests at once", async () => {
    const bad = [
      "{",
      "{ nope }",
      `{ ${"x".repeat(19_000)} }`,
      "{ records(first: 1000) { totalCount } }",
      "{ ...F } fragment F on Query { ...F }",
    ];
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, i) => ask(world.api.url, bad[i % bad.length] ?? "")),
    );
    assert.ok(replies.every(({ errors }) => errors.length > 0));
    await sleep(1);
    assert.deepEqual(errorNames(await ask(world.api.url, "{ _meta { records } }")), []);
  });
});
