import type { PositionId } from "../../model/position.ts";
import type { LineageAnswer } from "../../model/reader.ts";

/**
 * Takes out of an answer what lies after `last`. A parent always stands before its child, so on every way between two records that
 * stay, all others stay too: depths and connections hold.
 */
export function pruneLineage(answer: LineageAnswer, last: PositionId): LineageAnswer {
  return {
    nodes: answer.nodes.filter(({ id }) => id <= last),
    edges: answer.edges.filter(({ child }) => child <= last),
    truncated: answer.truncated,
  };
}
