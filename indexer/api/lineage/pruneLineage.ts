import type { PositionId } from "../../model/position.ts";
import type { LineageAnswer, LineageDirection } from "../../model/reader.ts";

/**
 * Takes out of an answer what lies after `last`, and what was only reached through it. Depths are counted anew over the edges
 * that remain, because a way through a dropped node may have been shorter.
 */
export function pruneLineage(
  answer: LineageAnswer,
  options: { readonly start: PositionId; readonly last: PositionId; readonly direction: LineageDirection },
): LineageAnswer {
  const edges = answer.edges.filter(({ child, parent }) => child <= options.last && parent <= options.last);
  const neighbours = new Map<PositionId, PositionId[]>();
  for (const { child, parent } of edges) {
    if (options.direction !== "DOWNSTREAM") neighbours.set(child, [...(neighbours.get(child) ?? []), parent]);
    if (options.direction !== "UPSTREAM") neighbours.set(parent, [...(neighbours.get(parent) ?? []), child]);
  }
  const depths = new Map<PositionId, number>([[options.start, 0]]);
  // A Map iterates over keys added meanwhile, in order: breadth first.
  for (const [id, depth] of depths) {
    for (const next of neighbours.get(id) ?? []) if (!depths.has(next)) depths.set(next, depth + 1);
  }
  return {
    nodes: [...depths].map(([id, depth]) => ({ id, depth })),
    edges: edges.filter(({ child, parent }) => depths.has(child) && depths.has(parent)),
    truncated: answer.truncated,
  };
}
