import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-sse";
import postgresClient from "postgres";
import { dataId, namespaceId } from "../../../protocol/dataset.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { subscribe } from "./sse.ts";
import { ask, at, createWorld, errorNames, NAMESPACE, type World } from "./world.ts";

const added = `subscription Added($after: String, $fromBlock: BigInt, $dataId: Hex) {
  recordAdded(after: $after, fromBlock: $fromBlock, dataId: $dataId) { type aboveBlock cursor record { recordHash state } } }`;
const changed = `subscription Changed($recordHash: Hex, $after: String) {
  recordStateChanged(recordHash: $recordHash, after: $after) { type state aboveBlock cursor record { recordHash } } }`;
const signed =
  "subscription Signed($afterSize: BigInt) { checkpointSigned(afterSize: $afterSize) { size note } }";

describe("subscriptions over server-sent events", () => {
  let postgres: TestPostgres;
  const worlds: World[] = [];
  before(async () => {
    postgres = await startPostgres();
  });
  after(async () => {
    for (const world of worlds) await world.close();
    await postgres.stop();
  });

  async function freshWorld(
    options: { subscriptions?: number } = {},
  ): Promise<World & { databaseUrl: string }> {
    const url = await postgres.createDatabase();
    const world = await createWorld({ url, limits: options });
    worlds.push(world);
    return Object.assign(world, { databaseUrl: url });
  }

  it("tell each record once, also across disconnects", async () => {
    const world = await freshWorld();
    await world.addBlock([{ name: "before" }]);
    const first = await subscribe(world.api.url, added);
    assert.match(String(first.response.headers.get("content-type")), /text\/event-stream/);
    const hashes: unknown[] = [];
    const expected: string[] = [];
    expected.push(...(await world.addBlock([{ name: "one" }, { name: "two" }])));
    let cursor: unknown = null;
    const event = await first.next();
    hashes.push(at(event, "data.recordAdded.record.recordHash"));
    cursor = at(event, "data.recordAdded.cursor");
    first.close();
    // Nobody listens to these; the cursor lies in the middle of a block.
    expected.push(...(await world.addBlock([{ name: "three" }])));
    expected.push(...(await world.addBlock(Array.from({ length: 230 }, (_, i) => ({ name: `bulk ${i}` })))));
    const second = await subscribe(world.api.url, added, { after: cursor });
    for (let i = 0; i < 232; i++) {
      const next = await second.next();
      hashes.push(at(next, "data.recordAdded.record.recordHash"));
      cursor = at(next, "data.recordAdded.cursor");
    }
    assert.equal(await second.isQuiet(50), true);
    second.close();
    assert.deepEqual(hashes, expected);
    const third = await subscribe(world.api.url, added, { after: cursor });
    assert.equal(await third.isQuiet(100), true);
    const [last] = await world.addBlock([{ name: "last" }]);
    assert.equal(at(await third.next(), "data.recordAdded.record.recordHash"), last);
    third.close();
  });

  it("begin with a block when asked to, and keep to a dataset", async () => {
    const world = await freshWorld();
    const one = await world.addBlock([{ name: "one" }, { name: "two" }]);
    const two = await world.addBlock([{ name: "one" }]);
    const all = await subscribe(world.api.url, added, { fromBlock: "0" });
    for (const hash of [...one, ...two]) {
      assert.equal(at(await all.next(), "data.recordAdded.record.recordHash"), hash);
    }
    all.close();
    const id = dataId(namespaceId(NAMESPACE), "one");
    const some = await subscribe(world.api.url, added, { fromBlock: "0", dataId: id });
    for (const hash of [one[0], two[0]]) {
      assert.equal(at(await some.next(), "data.recordAdded.record.recordHash"), hash);
    }
    assert.equal(await some.isQuiet(50), true);
    some.close();
  });

  it("withdraw what a reorg drops, to listeners and to those who come back later", async () => {
    const world = await freshWorld();
    await world.addBlock([{ name: "base" }]);
    await world.finalize();
    const live = await subscribe(world.api.url, added);
    const [kept] = await world.addBlock([{ name: "kept" }]);
    assert.equal(at(await live.next(), "data.recordAdded.record.recordHash"), kept);
    await world.addBlock([{ name: "dropped" }]);
    const dropped = await live.next();
    const cursor = at(dropped, "data.recordAdded.cursor");

    await world.rewindTo(2n, "other");
    world.forgetHead("dropped");
    const retracted = await live.next();
    assert.equal(at(retracted, "data.recordAdded.type"), "RETRACTED");
    assert.equal(at(retracted, "data.recordAdded.aboveBlock"), "2");
    assert.equal(at(retracted, "data.recordAdded.record"), null);
    const [instead] = await world.addBlock([{ name: "instead" }]);
    assert.equal(at(await live.next(), "data.recordAdded.record.recordHash"), instead);
    live.close();

    const late = await subscribe(world.api.url, added, { after: cursor });
    const withdrawal = await late.next();
    assert.equal(at(withdrawal, "data.recordAdded.type"), "RETRACTED");
    assert.equal(at(withdrawal, "data.recordAdded.aboveBlock"), "1");
    for (const hash of [kept, instead]) {
      assert.equal(at(await late.next(), "data.recordAdded.record.recordHash"), hash);
    }
    assert.equal(await late.isQuiet(50), true);
    late.close();
  });

  it("go on after the database dropped the change feed's connection", async () => {
    const world = await freshWorld();
    await world.addBlock([{ name: "one" }]);
    const live = await subscribe(world.api.url, added);
    const [two] = await world.addBlock([{ name: "two" }]);
    assert.equal(at(await live.next(), "data.recordAdded.record.recordHash"), two);
    const admin = postgresClient(world.databaseUrl, { max: 1, onnotice: () => undefined });
    await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE '%listen%' AND pid <> pg_backend_pid()`;
    await admin.end();
    const expected = [];
    for (const name of ["three", "four", "five"]) {
      expected.push(...(await world.addBlock([{ name }])));
      await sleep(20);
    }
    for (const hash of expected) {
      assert.equal(at(await live.next(), "data.recordAdded.record.recordHash"), hash);
    }
    assert.equal(await live.isQuiet(50), true);
    live.close();
  });

  it("follow one record through all its states and then complete", async () => {
    const world = await freshWorld();
    const [hash] = await world.addBlock([{ name: "one" }]);
    const live = await subscribe(world.api.url, changed, { recordHash: hash });
    const state = async () => at(await live.next(), "data.recordStateChanged.state");
    assert.equal(await state(), "ACCEPTED");
    await world.finalize();
    await world.sequence();
    assert.equal(await state(), "SEQUENCED");
    const { size, root } = await world.checkpoint();
    assert.equal(await state(), "INTEGRATED");
    await world.anchor(size, root, true);
    assert.equal(await state(), "ANCHORED");
    assert.equal(await state(), "FINAL");
    assert.equal(await live.next(), null);
  });

  it("wait for a record that isn't known yet, and say when a reorg drops it", async () => {
    const world = await freshWorld();
    await world.addBlock([{ name: "base" }]);
    await world.finalize();
    const [hash = ""] = await world.addBlock([{ name: "one" }]);
    await world.rewindTo(1n, "main");
    world.forgetHead("one");
    const live = await subscribe(world.api.url, changed, { recordHash: hash });
    assert.equal(await live.isQuiet(100), true);
    await world.addBlock([{ name: "one" }]);
    assert.equal(at(await live.next(), "data.recordStateChanged.state"), "ACCEPTED");
    await world.rewindTo(1n, "other");
    assert.equal(at(await live.next(), "data.recordStateChanged.type"), "RETRACTED");
    live.close();
  });

  it("tell every state of every record in order, once, across a disconnect", async () => {
    const world = await freshWorld();
    await world.addBlock([{ name: "old" }]);
    const first = await subscribe(world.api.url, changed);
    const [one, two] = await world.addBlock([{ name: "one" }, { name: "two" }]);
    const seen: string[] = [];
    const note = (event: unknown) => {
      const change = at(event, "data.recordStateChanged");
      seen.push(`${at(change, "state")} ${at(change, "record.recordHash")}`);
      return at(change, "cursor");
    };
    let cursor = note(await first.next());
    first.close();
    await world.finalize();
    await world.sequence();
    const { size, root } = await world.checkpoint();
    const second = await subscribe(world.api.url, changed, { after: cursor });
    const old = world.headOf("old");
    for (let i = 0; i < 4; i++) cursor = note(await second.next());
    second.close();
    await world.anchor(size, root, true);
    const third = await subscribe(world.api.url, changed, { after: cursor });
    for (let i = 0; i < 9; i++) note(await third.next());
    assert.equal(await third.isQuiet(50), true);
    third.close();
    const stage = (state: string) => [old, one, two].map((hash) => `${state} ${hash}`);
    assert.deepEqual(seen, [
      `ACCEPTED ${one}`,
      `ACCEPTED ${two}`,
      ...stage("SEQUENCED"),
      ...stage("INTEGRATED"),
      ...stage("ANCHORED"),
      ...stage("FINAL"),
    ]);
  });

  it("tell checkpoints after a size", async () => {
    const world = await freshWorld();
    const sizes: unknown[] = [];
    for (const name of ["one", "two", "three"]) {
      await world.addBlock([{ name }]);
      await world.finalize();
      await world.sequence();
      if (name !== "three") await world.checkpoint();
    }
    const live = await subscribe(world.api.url, signed, { afterSize: "1" });
    sizes.push(at(await live.next(), "data.checkpointSigned.size"));
    await world.checkpoint();
    sizes.push(at(await live.next(), "data.checkpointSigned.size"));
    assert.equal(await live.isQuiet(50), true);
    live.close();
    assert.deepEqual(sizes, ["2", "3"]);
  });

  it("work with the graphql-sse client", async () => {
    const world = await freshWorld();
    const [hash] = await world.addBlock([{ name: "one" }]);
    const client = createClient({ url: `${world.api.url}/graphql`, retryAttempts: 0 });
    for await (const event of client.iterate({ query: added, variables: { fromBlock: "0" } })) {
      assert.equal(at(event, "data.recordAdded.record.recordHash"), hash);
      break;
    }
    client.dispose();
  });

  it("hold a slow listener back instead of piling up events", async () => {
    const world = await freshWorld();
    await world.addBlock(Array.from({ length: 3_000 }, (_, i) => ({ name: `set ${i}` })));
    let pages = 0;
    const { records } = world.store.reader;
    Object.assign(world.store.reader, {
      records: (...args: Parameters<typeof records>) => {
        pages++;
        return records(...args);
      },
    });
    const wide = added.replace(
      "record { recordHash state }",
      `record { recordHash ${Array.from({ length: 20 }, (_, i) => `a${i}: dataset { name dataId namespaceId owner nameHash }`).join(" ")} }`,
    );
    const slow = await subscribe(world.api.url, wide, { fromBlock: "0" });
    await slow.next();
    await sleep(1_000);
    assert.ok(pages < 25, `${pages} of 30 pages were read for a listener that took one event`);
    slow.close();
  });

  it("refuse foreign cursors, contradicting arguments, and more listeners than there is room for", async () => {
    const world = await freshWorld({ subscriptions: 2 });
    const [hash] = await world.addBlock([{ name: "one" }]);
    const refused: [string, object, string][] = [
      [added, { after: "AAAA" }, "CURSOR_INVALID"],
      [changed, { after: "AAAA" }, "CURSOR_INVALID"],
      [changed, { after: "AAAA", recordHash: hash }, "RECORD_CHANGES_ARGUMENTS"],
      [added, { dataId: "0x12" }, "ARGUMENT_INVALID"],
      [signed, { afterSize: "-1" }, "ARGUMENT_INVALID"],
    ];
    for (const [query, variables, name] of refused) {
      const live = await subscribe(world.api.url, query, variables);
      assert.equal(at(await live.next(), "errors.0.extensions.name"), name);
      live.close();
    }
    const one = await subscribe(world.api.url, added);
    const two = await subscribe(world.api.url, added);
    const three = await subscribe(world.api.url, added);
    assert.equal(three.response.status, 503);
    assert.equal(at(await three.next(), "errors.0.extensions.name"), "SUBSCRIPTIONS_EXHAUSTED");
    one.close();
    await sleep(200);
    const four = await subscribe(world.api.url, added, { fromBlock: "0" });
    assert.equal(at(await four.next(), "data.recordAdded.record.recordHash"), hash);
    two.close();
    four.close();
    assert.deepEqual(errorNames(await ask(world.api.url, "{ _meta { records } }")), []);
  });

  it("complete when the server closes", async () => {
    const world = await freshWorld();
    await world.addBlock([{ name: "one" }]);
    const live = await subscribe(world.api.url, added);
    assert.equal(await live.isQuiet(50), true);
    const startedAt = performance.now();
    await world.api.close();
    assert.equal(await live.next(), null);
    assert.ok(performance.now() - startedAt < 2_000);
  });
});
