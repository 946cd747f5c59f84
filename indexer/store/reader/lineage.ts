import type { PositionId } from "../../model/position.ts";
import type { LineageAnswer, LineageEdge, LineageRequest, Reader } from "../../model/reader.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { DERIVED, PREVIOUS } from "../rows/edges.ts";
import type { Query } from "./query.ts";
import { endOf } from "./records.ts";

type Node = { readonly id: PositionId; readonly depth: number };
type Walk = { readonly nodes: readonly Node[]; readonly truncated: boolean };

/** Deeper questions are answered as if this had been asked. */
const MAX_DEPTH = 100_000;
const MAX_NODES = 100_000;

/**
 * Lineage along directed edges: ancestors, descendants, or both (the union of the two, never siblings). Nodes come by (depth, id);
 * a limit cuts from the end, so every node of the answer is joined to a start by nodes of the answer.
 */
export function createLineageReader({ run }: Query): Pick<Reader, "lineage"> {
  const walk = async (request: LineageRequest, upstream: boolean, signal?: AbortSignal): Promise<Walk> => {
    const [row] = await run(
      "lineage",
      (sql) => sql<{ ids: string; depths: string; truncated: boolean }[]>`
        SELECT ids::text, depths::text, truncated FROM lineage_walk(
          ${arrayLiteral(request.from)}::text::bigint[], ${upstream}::boolean,
          ${clamp(request.maxDepth, MAX_DEPTH)}::int, ${clamp(request.maxNodes, MAX_NODES)}::int,
          ${endOf(request.asOfBlock)}::bigint)`,
      signal,
    );
    const depths = elements(row?.depths);
    const nodes = elements(row?.ids).map((id, at) => ({ id: BigInt(id), depth: Number(depths[at]) }));
    return { nodes, truncated: row?.truncated ?? false };
  };

  return {
    lineage: async (request, signal): Promise<LineageAnswer> => {
      const { nodes, truncated } =
        request.direction === "BOTH"
          ? merge(
              await walk(request, true, signal),
              await walk(request, false, signal),
              clamp(request.maxNodes, MAX_NODES),
            )
          : await walk(request, request.direction === "UPSTREAM", signal);
      if (nodes.length === 0) return { nodes, edges: [], truncated };
      const ids = arrayLiteral(nodes.map(({ id }) => id));
      // By child, in either direction: a record has few parents, but may have any number of children. The limit, which no record
      // reaches, keeps the planner from any way but one index look-up for each child.
      const rows = await run(
        "lineageEdges",
        (sql) => sql<{ edges: string | null }[]>`
          SELECT string_agg(e.child || ' ' || e.parent || ' ' || e.flags, ',' ORDER BY e.child, e.parent) AS edges
          FROM unnest(${ids}::text::bigint[]) AS node (id) CROSS JOIN LATERAL (
            SELECT child, parent, flags FROM edge WHERE edge.child = node.id
            ORDER BY edge.parent LIMIT 1000000) AS e`,
        signal,
      );
      const among = new Set(nodes.map(({ id }) => id));
      const edges = rows[0]?.edges?.split(",").map(parseEdge) ?? [];
      return { nodes, edges: edges.filter(({ parent }) => among.has(parent)), truncated };
    },
  };
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

function parseEdge(text: string): LineageEdge {
  const [child = "", parent = "", flags = ""] = text.split(" ");
  return {
    child: BigInt(child),
    parent: BigInt(parent),
    previous: (Number(flags) & PREVIOUS) !== 0,
    derived: (Number(flags) & DERIVED) !== 0,
  };
}

function elements(array: string | undefined): string[] {
  const inner = array?.slice(1, -1) ?? "";
  return inner === "" ? [] : inner.split(",");
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(Math.floor(value), most));
}
