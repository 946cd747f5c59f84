import type { PositionId } from "../../model/position.ts";
import type { LineageAnswer, LineageEdge, LineageRequest, Reader } from "../../model/reader.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { DERIVED, PREVIOUS } from "../rows/edges.ts";
import { readBigints, readIntegers } from "./binaryArray.ts";
import type { Query } from "./query.ts";
import { endOf } from "./records.ts";

type Node = { readonly id: PositionId; readonly depth: number };
type Walk = { readonly nodes: readonly Node[]; readonly truncated: boolean };
type StoredEdges = {
  readonly children: Uint8Array;
  readonly parents: Uint8Array;
  readonly kinds: Uint8Array;
};

/** Deeper questions are answered as if this had been asked. */
const MAX_DEPTH = 100_000;
const MAX_NODES = 100_000;

/**
 * Lineage along directed edges: ancestors, descendants, or both (the union of the two, never siblings). Nodes come by (depth, id);
 * a limit cuts from the end, so every node of the answer is joined to a start by nodes of the answer.
 */
export function createLineageReader({ run }: Query): Pick<Reader, "lineage"> {
  /** The nodes, and in the same question the edges among them where those nodes are the answer. */
  const walk = async (
    request: LineageRequest,
    upstream: boolean,
    withEdges: boolean,
    signal?: AbortSignal,
  ) => {
    const [row] = await run(
      "lineage",
      (sql) => sql<(StoredEdges & { ids: Uint8Array; levels: Uint8Array; truncated: boolean })[]>`
        SELECT array_send(walk.ids) AS ids, array_send(walk.levels) AS levels, walk.truncated,
          array_send(edge.children) AS children, array_send(edge.parents) AS parents, array_send(edge.kinds) AS kinds
        FROM lineage_walk(
          ${arrayLiteral(request.from)}::text::bigint[], ${upstream}::boolean,
          ${clamp(request.maxDepth, MAX_DEPTH)}::int, ${clamp(request.maxNodes, MAX_NODES)}::int,
          ${endOf(request.asOfBlock)}::bigint) AS walk
        CROSS JOIN LATERAL lineage_edges(CASE WHEN ${withEdges}::boolean THEN walk.ids ELSE '{}' END) AS edge`,
      signal,
    );
    if (row === undefined) return { nodes: [], edges: [], truncated: false };
    return {
      nodes: nodesOf(readBigints(row.ids), readIntegers(row.levels)),
      edges: edgesOf(row),
      truncated: row.truncated,
    };
  };

  return {
    lineage: async (request, signal): Promise<LineageAnswer> => {
      if (request.direction !== "BOTH") return walk(request, request.direction === "UPSTREAM", true, signal);
      const { nodes, truncated } = merge(
        await walk(request, true, false, signal),
        await walk(request, false, false, signal),
        clamp(request.maxNodes, MAX_NODES),
      );
      const [row] = await run(
        "lineageEdges",
        (sql) => sql<StoredEdges[]>`
          SELECT array_send(children) AS children, array_send(parents) AS parents, array_send(kinds) AS kinds
          FROM lineage_edges(${arrayLiteral(nodes.map(({ id }) => id))}::text::bigint[])`,
        signal,
      );
      return { nodes, edges: row === undefined ? [] : edgesOf(row), truncated };
    },
  };
}

function nodesOf(ids: readonly PositionId[], levels: readonly number[]): Node[] {
  const nodes: Node[] = [];
  for (const [depth, count] of levels.entries()) {
    for (const id of ids.slice(nodes.length, nodes.length + count)) nodes.push({ id, depth });
  }
  return nodes;
}

function edgesOf(row: StoredEdges): LineageEdge[] {
  const parents = readBigints(row.parents);
  const kinds = readIntegers(row.kinds);
  return readBigints(row.children).map((child, at) => {
    const flags = kinds[at] ?? 0;
    return {
      child,
      parent: parents[at] ?? 0n,
      previous: (flags & PREVIOUS) !== 0,
      derived: (flags & DERIVED) !== 0,
    };
  });
}

function merge(up: Walk, down: Walk, maxNodes: number): Walk {
  const depths = new Map<PositionId, number>();
  for (const { id, depth } of [...up.nodes, ...down.nodes]) {
    depths.set(id, Math.min(depth, depths.get(id) ?? depth));
  }
  const nodes = [...depths].map(([id, depth]) => ({ id, depth }));
  nodes.sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1));
  return {
    nodes: nodes.slice(0, maxNodes),
    truncated: up.truncated || down.truncated || nodes.length > maxNodes,
  };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(Math.floor(value), most));
}
