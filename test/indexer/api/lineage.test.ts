import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { decodeCursor, encodeCursor } from "../../../indexer/api/cursor.ts";
import { pruneLineage } from "../../../indexer/api/lineage/pruneLineage.ts";
import { dataId, namespaceId } from "../../../protocol/dataset.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { ask, at, createWorld, each, errorNames, NAMESPACE, type World } from "./world.ts";

describe("lineage as of a checkpoint that ends within a block", () => {
  let postgres: TestPostgres;
  let world: World;
  before(async () => {
    postgres = await startPostgres();
    world = await createWorld({ url: await postgres.createDatabase() });
  });
  after(async () => {
    await world.close();
    await postgres.stop();
  });

  it("leaves out what the checkpoint doesn't cover, heads included", async () => {
    const [raw = "", second = "", derived = ""] = await world.addBlock([
      { name: "raw" },
      { name: "raw" },
      { name: "derived", parents: [] },
    ]);
    await world.finalize();
    await world.sequence(1);
    await world.checkpoint();
    await world.sequence();
    await world.checkpoint();
    const query = `query L($data: Hex, $record: Hex, $size: BigInt) {
      lineage(dataId: $data, recordHash: $record, direction: BOTH, asOfCheckpoint: $size) { nodes { record { recordHash } } } }`;
    const data = dataId(namespaceId(NAMESPACE), "raw");
    const early = await ask(world.api.url, query, { data, size: 1 });
    assert.deepEqual(each(early.data, "lineage.nodes", "record.recordHash"), [raw]);
    const late = await ask(world.api.url, query, { data, size: 3 });
    assert.deepEqual(each(late.data, "lineage.nodes", "record.recordHash"), [second, raw]);
    assert.equal(at(late, "errors.0"), undefined);
    const unseen = await ask(world.api.url, query, { record: derived, size: 1 });
    assert.deepEqual(errorNames(unseen), ["RECORD_NOT_FOUND"]);
  });

  it("keeps nodes up to a position, with the edges between them", () => {
    const edge = (child: bigint, parent: bigint) => ({ child, parent, previous: true, derived: false });
    const answer = {
      nodes: [2n, 1n, 3n, 4n].map((id, depth) => ({ id, depth })),
      edges: [edge(2n, 1n), edge(3n, 2n), edge(4n, 3n)],
      truncated: true,
    };
    assert.deepEqual(pruneLineage(answer, 3n), {
      nodes: [2n, 1n, 3n].map((id, depth) => ({ id, depth })),
      edges: [edge(2n, 1n), edge(3n, 2n)],
      truncated: true,
    });
  });
});

describe("cursors", () => {
  it("give back the position they were made of, and nothing else passes", () => {
    for (const position of [0n, 1n, 20n << 20n, (1n << 63n) - 1n]) {
      assert.equal(decodeCursor(encodeCursor(position), "after"), position);
    }
    for (const given of [
      "",
      "AQ",
      `${encodeCursor(5n)}A`,
      `${encodeCursor(5n)}=`,
      "!!!!!!!!!!!!",
      encodeCursor(5n).replace(/^./, "B"),
    ]) {
      assert.throws(() => decodeCursor(given, "after"), { name: "CURSOR_INVALID" }, given);
    }
  });
});
