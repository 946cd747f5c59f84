import { equalBytes } from "../../../protocol/bytes.ts";
import type { RecordEvent } from "../../model/event.ts";
import type { PositionId } from "../../model/position.ts";
import type { Transaction } from "../connect.ts";
import { type InsertOptions, sourceOf } from "./insertRows.ts";
import type { Table } from "./table.ts";

/** The parent is the dataset's previous record. */
export const PREVIOUS = 1;
/** The parent is among the record's declared parents. */
export const DERIVED = 2;

/** An edge as the event tells it: the parent is a hash still. */
type NamedEdge = { readonly child: PositionId; readonly parentHash: Uint8Array; readonly flags: number };

const NAMED_EDGES: Table<NamedEdge> = {
  name: "named_edge",
  key: "child, parent_hash",
  columns: [
    { name: "child", type: "bigint", get: (edge) => edge.child },
    { name: "flags", type: "smallint", get: (edge) => edge.flags },
    { name: "parent_hash", type: "bytea32", get: (edge) => edge.parentHash },
  ],
};

/**
 * Writes the edges from records to their parents. MUST come after the records themselves, which may be parents in the same batch.
 * A parent that no earlier record has is set aside as unresolved, and shown; it never stops the indexing.
 */
export async function insertEdges(
  tx: Transaction,
  records: readonly RecordEvent[],
  options: InsertOptions,
): Promise<void> {
  const edges = records.flatMap(edgesOf);
  if (edges.length === 0) return;
  const { from, parameters } = await sourceOf(tx, NAMED_EDGES, edges, options);
  // One index look-up for each edge: a hash join would read the whole table of records for every batch.
  const text = `WITH named AS MATERIALIZED (
      SELECT n.child, n.parent_hash, n.flags, record.id AS parent
      FROM ${from.includes(" AS ") ? from.replace(" AS given ", " AS n ") : `${from} AS n`}
      LEFT JOIN record ON record.record_hash = n.parent_hash AND record.id < n.child
    ), resolved AS (
      INSERT INTO edge (child, parent, flags)
      SELECT child, parent, flags FROM named WHERE parent IS NOT NULL
      ON CONFLICT (child, parent) DO NOTHING
    )
    INSERT INTO unresolved_parent (child, parent_hash, flags)
    SELECT child, parent_hash, flags FROM named WHERE parent IS NULL
    ON CONFLICT (child, parent_hash) DO NOTHING`;
  await tx.unsafe(text, parameters, { prepare: true });
}

function edgesOf(record: RecordEvent): NamedEdge[] {
  const edges: NamedEdge[] = [];
  const previous = record.previousHash;
  const hasPrevious = previous.some((byte) => byte !== 0);
  let previousIsParent = false;
  for (const parentHash of record.parents) {
    const both = hasPrevious && equalBytes(parentHash, previous);
    if (both) previousIsParent = true;
    edges.push({ child: record.id, parentHash, flags: both ? DERIVED | PREVIOUS : DERIVED });
  }
  if (hasPrevious && !previousIsParent) {
    edges.push({ child: record.id, parentHash: previous, flags: PREVIOUS });
  }
  return edges;
}
