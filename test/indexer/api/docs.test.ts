import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { buildSchema, Kind, parse } from "graphql";
import { defaultApiLimits, renderSchema } from "../../../indexer/api/index.ts";
import { dataId, namespaceId } from "../../../protocol/dataset.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";
import { subscribe } from "./sse.ts";
import { ask, at, createWorld, NAMESPACE, type World } from "./world.ts";

const root = new URL("../../../", import.meta.url);

describe("the API's documents", () => {
  let postgres: TestPostgres;
  let world: World;
  let page = "";
  before(async () => {
    page = await readFile(new URL("docs/api.md", root), "utf8");
    postgres = await startPostgres();
    world = await createWorld({ url: await postgres.createDatabase() });
    await world.addBlock([{ name: "raw", operation: "CREATE" }]);
    await world.addBlock([{ name: "clean", parents: [world.headOf("raw")] }]);
    await world.finalize();
    await world.sequence();
    const { size, root: treeRoot } = await world.checkpoint();
    await world.anchor(size, treeRoot, true);
  });
  after(async () => {
    await world.close();
    await postgres.stop();
  });

  it("hold only queries that work as they stand", async () => {
    const queries = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
    assert.ok(queries.length >= 10);
    const variables = {
      recordHash: world.headOf("clean"),
      dataId: dataId(namespaceId(NAMESPACE), "clean"),
      namespace: NAMESPACE,
      name: "clean",
    };
    for (const query of queries) {
      const [definition] = parse(query).definitions;
      assert.ok(definition?.kind === Kind.OPERATION_DEFINITION, query);
      if (definition.operation === "query") {
        const reply = await ask(world.api.url, query, variables);
        assert.deepEqual(reply.errors, [], query);
        assert.ok(
          Object.values(Object(reply.data)).every((value) => value !== null),
          query,
        );
        continue;
      }
      const live = await subscribe(world.api.url, query, variables);
      assert.equal(at(await live.next(), "errors"), undefined, query);
      live.close();
    }
  });

  it("hold only command lines whose queries work", async () => {
    const bodies = [...page.matchAll(/-d '(\{.*\})'/g)].map(([, body]) => JSON.parse(body ?? ""));
    assert.equal(bodies.length, 2);
    const reply = await ask(world.api.url, bodies[0].query);
    assert.deepEqual(reply.errors, []);
    const live = await subscribe(world.api.url, bodies[1].query);
    assert.equal(at(await live.next(), "data.recordAdded.record.recordHash"), world.headOf("raw"));
    live.close();
  });

  it("state the limits that the code has", () => {
    const limits = defaultApiLimits;
    for (const limit of [limits.documentCharacters, limits.tokens, limits.cost, limits.lineageNodes]) {
      assert.ok(page.includes(limit.toLocaleString("en")), String(limit));
    }
    assert.ok(page.includes(`${limits.depth} levels`));
    assert.ok(page.includes(`| aliases | ${limits.aliases} |`));
    assert.ok(page.includes(`${limits.pageSize} rows`));
    assert.ok(page.includes(`${limits.executionTimeoutMs / 1_000} s in all`));
    assert.ok(page.includes(`${limits.requestBytes / 1_024} KiB`));
  });

  it("match the schema file, which is a valid schema and printed the same every time", async () => {
    const committed = await readFile(new URL("indexer/api/schema.graphql", root), "utf8");
    assert.equal(renderSchema(), committed);
    assert.equal(renderSchema(), renderSchema());
    assert.equal(buildSchema(committed).getQueryType()?.name, "Query");
  });
});
