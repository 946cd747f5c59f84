import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { ask, at, createWorld, each, errorNames, type World } from "./world.ts";

const RECORDS = 130;

const page = `query Page($first: Int, $after: String, $last: Int, $before: String, $order: Order) {
  records(first: $first, after: $after, last: $last, before: $before, order: $order) {
    totalCount edges { cursor node { recordHash } } nodes { recordHash }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`;

describe("connections", () => {
  let postgres: TestPostgres;
  let world: World;
  let hashes: string[] = [];

  before(async () => {
    postgres = await startPostgres();
    world = await createWorld({ url: await postgres.createDatabase() });
    for (let block = 0; block < 13; block++) {
      const steps = Array.from({ length: RECORDS / 13 }, (_, i) => ({ name: `set ${block} ${i}` }));
      hashes.push(...(await world.addBlock(steps)));
    }
    await world.finalize();
    for (let i = 0; i < 3; i++) {
      await world.addBlock([{ name: `more ${i}` }]);
      await world.finalize();
      await world.sequence();
      await world.checkpoint();
    }
    const all = await ask(world.api.url, page, { last: 3 });
    hashes = [...hashes, ...each(all.data, "records.nodes", "recordHash").map(String)];
  });
  after(async () => {
    await world.close();
    await postgres.stop();
  });

  async function walk(size: "first" | "last", link: "after" | "before", order: string): Promise<unknown[]> {
    const seen: unknown[] = [];
    let cursor: unknown = null;
    for (;;) {
      const reply = await ask(world.api.url, page, { [size]: 50, [link]: cursor, order });
      assert.deepEqual(reply.errors, []);
      const rows = each(reply.data, "records.nodes", "recordHash");
      const info = at(reply.data, "records.pageInfo");
      if (size === "first") seen.push(...rows);
      else seen.unshift(...rows);
      if (at(info, size === "first" ? "hasNextPage" : "hasPreviousPage") !== true) return seen;
      assert.equal(rows.length, 50);
      cursor = at(info, size === "first" ? "endCursor" : "startCursor");
    }
  }

  it("go forward and backward over every row once, in either order", async () => {
    assert.equal(hashes.length, RECORDS + 3);
    assert.deepEqual(await walk("first", "after", "OLDEST_FIRST"), hashes);
    assert.deepEqual(await walk("last", "before", "OLDEST_FIRST"), hashes);
    assert.deepEqual(await walk("first", "after", "NEWEST_FIRST"), hashes.toReversed());
    assert.deepEqual(await walk("last", "before", "NEWEST_FIRST"), hashes.toReversed());
  });

  it("hold 20 rows by default, and cursors that belong to their rows", async () => {
    const reply = await ask(world.api.url, page);
    assert.deepEqual(each(reply.data, "records.nodes", "recordHash"), hashes.slice(0, 20));
    assert.deepEqual(each(reply.data, "records.edges", "node.recordHash"), hashes.slice(0, 20));
    assert.equal(at(reply.data, "records.totalCount"), String(RECORDS + 3));
    const cursors = each(reply.data, "records.edges", "cursor");
    assert.equal(at(reply.data, "records.pageInfo.endCursor"), cursors[19]);
    const next = await ask(world.api.url, page, { first: 1, after: cursors[4] });
    assert.deepEqual(each(next.data, "records.nodes", "recordHash"), [hashes[5]]);
    assert.equal(at(next.data, "records.pageInfo.hasPreviousPage"), true);
  });

  it("cut at both cursors when both are given", async () => {
    const reply = await ask(world.api.url, page, { first: 30 });
    const cursors = each(reply.data, "records.edges", "cursor");
    const between = await ask(world.api.url, page, { first: 20, after: cursors[2], before: cursors[8] });
    assert.deepEqual(each(between.data, "records.nodes", "recordHash"), hashes.slice(3, 8));
    assert.equal(at(between.data, "records.pageInfo.hasNextPage"), false);
    const backward = await ask(world.api.url, page, { last: 2, after: cursors[2], before: cursors[8] });
    assert.deepEqual(each(backward.data, "records.nodes", "recordHash"), hashes.slice(6, 8));
    assert.equal(at(backward.data, "records.pageInfo.hasPreviousPage"), true);
  });

  it("answer an empty page, and say whether anything follows it", async () => {
    const none = await ask(world.api.url, page, { first: 0 });
    assert.deepEqual(at(none.data, "records.nodes"), []);
    assert.equal(at(none.data, "records.pageInfo.hasNextPage"), true);
    const last = await ask(world.api.url, page, { last: 1 });
    const end = at(last.data, "records.pageInfo.endCursor");
    const beyond = await ask(world.api.url, page, { first: 5, after: end });
    assert.deepEqual(at(beyond.data, "records.nodes"), []);
    assert.equal(at(beyond.data, "records.pageInfo.hasNextPage"), false);
    assert.equal(at(beyond.data, "records.pageInfo.endCursor"), null);
  });

  it("run over checkpoints from the newest on", async () => {
    const all = await ask(world.api.url, "{ checkpoints { edges { cursor node { size } } } }");
    const sizes = each(all.data, "checkpoints.edges", "node.size");
    assert.deepEqual(sizes, ["133", "132", "131"]);
    const rest = await ask(
      world.api.url,
      "query R($c: String) { checkpoints(after: $c) { nodes { size } } }",
      {
        c: at(all.data, "checkpoints.edges.0.cursor"),
      },
    );
    assert.deepEqual(each(rest.data, "checkpoints.nodes", "size"), ["132", "131"]);
    const one = await ask(
      world.api.url,
      "{ checkpoint(size: 132) { size note } none: checkpoint(size: 5) { size } }",
    );
    assert.equal(at(one.data, "checkpoint.size"), "132");
    assert.equal(at(one.data, "none"), null);
  });

  it("refuse pages that are too large, contradict themselves, or continue from a foreign cursor", async () => {
    const cases: [object, string][] = [
      [{ first: 101 }, "PAGE_TOO_LARGE"],
      [{ last: 2_000_000_000 }, "PAGE_TOO_LARGE"],
      [{ first: 5, last: 5 }, "PAGE_ARGUMENTS_CONFLICT"],
      [{ first: -1 }, "PAGE_ARGUMENTS_CONFLICT"],
      [{ after: "" }, "CURSOR_INVALID"],
      [{ after: "5" }, "CURSOR_INVALID"],
      [{ before: "AAAAAAAAAAAA" }, "CURSOR_INVALID"],
      [{ after: `${"A".repeat(5_000)}` }, "CURSOR_INVALID"],
    ];
    for (const [variables, name] of cases) {
      assert.deepEqual(
        errorNames(await ask(world.api.url, page, variables)),
        [name],
        JSON.stringify(variables),
      );
    }
  });
});
