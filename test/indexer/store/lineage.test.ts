import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { RecordEvent } from "../../../indexer/model/event.ts";
import { type PositionId, positionOf } from "../../../indexer/model/position.ts";
import type { LineageAnswer, LineageDirection, LineageRequest } from "../../../indexer/model/reader.ts";
import type { Store } from "../../../indexer/store/index.ts";
import { bytes32, header, originOf, recordEvent } from "./chainOfEvents.ts";
import { storeFixture } from "./storeFixture.ts";

/** For each record the earlier records that are its parents; one record a block. */
type Graph = readonly (readonly number[])[];

describe("lineage", () => {
  const { fresh } = storeFixture();

  const idOf = (at: number): PositionId => positionOf(BigInt(at + 1), 0);

  async function load(store: Store, graph: Graph, prefix: string, firstBlock = 0n): Promise<void> {
    const blocks = graph.map((parents, at) => {
      const block = header(firstBlock + BigInt(at + 1));
      const fields: Partial<RecordEvent> = {
        parents: parents.map((parent) => bytes32(`${prefix} ${parent}`)).sort(Buffer.compare),
      };
      return { block, event: recordEvent(originOf(block, 0), `${prefix} ${at}`, fields) };
    });
    await store.chain.commitRange({
      from: firstBlock + 1n,
      to: firstBlock + BigInt(graph.length),
      headers: blocks.map(({ block }) => block),
      events: blocks.map(({ event }) => event),
    });
  }

  /** The same question answered from the graph in memory, without any cleverness. */
  function naive(graph: Graph, first: bigint, request: LineageRequest): LineageAnswer {
    const index = (id: PositionId) => Number((id >> 20n) - first - 1n);
    const id = (at: number) => positionOf(first + BigInt(at + 1), 0);
    const visible = (at: number) => request.asOfBlock === null || first + BigInt(at + 1) <= request.asOfBlock;
    const walk = (upstream: boolean) => {
      const depths = new Map<number, number>();
      let truncated = false;
      const take = (candidates: Iterable<number>, depth: number) => {
        for (const at of [...new Set(candidates)].sort((a, b) => a - b)) {
          if (depths.has(at) || !visible(at)) continue;
          if (depths.size >= request.maxNodes || depth > request.maxDepth) truncated = true;
          else depths.set(at, depth);
        }
      };
      take(request.from.map(index), 0);
      for (let depth = 0; depth <= request.maxDepth && !truncated; depth++) {
        const level = [...depths].filter(([, of]) => of === depth).map(([at]) => at);
        const next = level.flatMap((at) =>
          upstream
            ? (graph[at] ?? [])
            : graph.flatMap((parents, child) => (parents.includes(at) ? [child] : [])),
        );
        take(next, depth + 1);
      }
      return { depths, truncated };
    };
    const directions = request.direction === "BOTH" ? [true, false] : [request.direction === "UPSTREAM"];
    const walks = directions.map(walk);
    const least = new Map<number, number>();
    for (const { depths } of walks) {
      for (const [at, depth] of depths) least.set(at, Math.min(depth, least.get(at) ?? depth));
    }
    const sorted = [...least].sort(([a, x], [b, y]) => x - y || a - b);
    const nodes = sorted.slice(0, request.maxNodes).map(([at, depth]) => ({ id: id(at), depth }));
    const among = new Set(nodes.map((node) => index(node.id)));
    const edges = [...among]
      .sort((a, b) => a - b)
      .flatMap((child) =>
        (graph[child] ?? [])
          .filter((parent) => among.has(parent))
          .sort((a, b) => a - b)
          .map((parent) => ({ child: id(child), parent: id(parent), previous: false, derived: true })),
      );
    return {
      nodes,
      edges,
      truncated: walks.some(({ truncated }) => truncated) || sorted.length > request.maxNodes,
    };
  }

  it("answers random questions on random graphs as a naive twin in memory does", async () => {
    const { store } = await fresh();
    let first = 0n;
    let loaded = 0;
    const graphs = fc
      .array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 14 })
      .map((rows) =>
        rows.map((row, at) => [...new Set(row.map((back) => at - 1 - back))].filter((parent) => parent >= 0)),
      );
    const questions = fc.record({
      from: fc.array(fc.nat(13), { minLength: 1, maxLength: 3 }),
      direction: fc.constantFrom<LineageDirection>("UPSTREAM", "DOWNSTREAM", "BOTH"),
      maxDepth: fc.nat(6),
      maxNodes: fc.integer({ min: 1, max: 16 }),
      asOf: fc.option(fc.nat(13)),
    });
    await fc.assert(
      fc.asyncProperty(graphs, fc.array(questions, { minLength: 1, maxLength: 6 }), async (graph, asked) => {
        await load(store, graph, `graph ${loaded++}`, first);
        for (const { from, direction, maxDepth, maxNodes, asOf } of asked) {
          const request: LineageRequest = {
            from: from.filter((at) => at < graph.length).map((at) => positionOf(first + BigInt(at + 1), 0)),
            direction,
            maxDepth,
            maxNodes,
            asOfBlock: asOf === null ? null : first + BigInt(asOf + 1),
          };
          assert.deepEqual(await store.reader.lineage(request), naive(graph, first, request));
        }
        first += BigInt(graph.length);
      }),
      { numRuns: 60 },
    );
  });

  it("walks 18 layers of full diamonds at once", { timeout: 5_000 }, async () => {
    const { store } = await fresh();
    const width = 3;
    const graph = Array.from({ length: 18 * width }, (_, at) => {
      const layer = Math.floor(at / width);
      return layer === 0 ? [] : Array.from({ length: width }, (_, i) => (layer - 1) * width + i);
    });
    await load(store, graph, "diamond");
    const request = { maxDepth: 100, maxNodes: 1_000, asOfBlock: null };
    const up = await store.reader.lineage({ ...request, from: [idOf(53)], direction: "UPSTREAM" });
    assert.equal(up.nodes.length, 17 * width + 1);
    assert.equal(up.truncated, false);
    assert.equal(up.nodes.at(-1)?.depth, 17);
    const down = await store.reader.lineage({ ...request, from: [idOf(0)], direction: "DOWNSTREAM" });
    assert.equal(down.nodes.length, 17 * width + 1);
    assert.equal(down.edges.length, width + 16 * width * width);
  });

  it("says when depth or nodes cut something off, and only then", async () => {
    const { store } = await fresh();
    await load(store, [[], [0], [1], [2]], "chain");
    const ask = (maxDepth: number, maxNodes: number) =>
      store.reader.lineage({ from: [idOf(3)], direction: "UPSTREAM", maxDepth, maxNodes, asOfBlock: null });
    assert.equal((await ask(3, 4)).truncated, false);
    assert.equal((await ask(2, 4)).truncated, true);
    assert.equal((await ask(3, 3)).truncated, true);
    assert.deepEqual(
      (await ask(1, 4)).nodes.map(({ depth }) => depth),
      [0, 1],
    );
  });

  it("ends with QUERY_TIMEOUT when the one who asked goes away, and leaves the session usable", async () => {
    const { store } = await fresh({ readers: 1 });
    await load(store, [[], [0]], "short");
    const request = {
      from: [idOf(1)],
      direction: "UPSTREAM",
      maxDepth: 5,
      maxNodes: 5,
      asOfBlock: null,
    } as const;
    const gone = AbortSignal.abort();
    await assert.rejects(store.reader.lineage(request, gone), { name: "QUERY_TIMEOUT" });
    assert.equal((await store.reader.lineage(request)).nodes.length, 2);
  });
});
