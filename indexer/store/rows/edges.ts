import { equalBytes } from "../../../protocol/bytes.ts";
import type { RecordEvent } from "../../model/event.ts";
import type { PositionId } from "../../model/position.ts";
import type { Transaction } from "../lane.ts";
import { type InsertOptions, insertRows, sourceOf } from "./insertRows.ts";
import type { RecentRecords } from "./recentRecords.ts";
import type { Table } from "./table.ts";

/** The parent is the dataset's previous record. */
export const PREVIOUS = 1;
/** The parent is among the record's declared parents. */
export const DERIVED = 2;

type Edge = { readonly child: PositionId; readonly parent: PositionId; readonly flags: number };
/** An edge as the event tells it: the parent is a hash still. */
type NamedEdge = { readonly child: PositionId; readonly parentHash: Uint8Array; readonly flags: number };

const EDGES: Table<Edge> = {
  name: "edge",
  columns: [
    { name: "child", type: "bigint", get: (edge) => edge.child },
    { name: "parent", type: "bigint", get: (edge) => edge.parent },
    { name: "flags", type: "smallint", get: (edge) => edge.flags },
  ],
};

const NAMED_EDGES: Table<NamedEdge> = {
  name: "named_edge",
  columns: [
    { name: "child", type: "bigint", get: (edge) => edge.child },
    { name: "flags", type: "smallint", get: (edge) => edge.flags },
    { name: "parent_hash", type: "bytea32", get: (edge) => edge.parentHash },
  ],
};

/** Edges on their way: those whose parent was committed lately, and those whose parent the database has to find. */
export type EdgeBatch = { readonly found: readonly Edge[]; readonly named: readonly NamedEdge[] };

/** The edges from records to their parents, which may be among the same records: `recent` MUST know these already. */
export function gatherEdges(records: readonly RecordEvent[], recent: RecentRecords): EdgeBatch {
  const found: Edge[] = [];
  const named: NamedEdge[] = [];
  const add = (child: PositionId, parentHash: Uint8Array, flags: number) => {
    const parent = recent.find(parentHash);
    if (parent !== undefined && parent < child) found.push({ child, parent, flags });
    else named.push({ child, parentHash, flags });
  };
  for (const record of records) addEdges(record, add);
  return { found, named };
}

/**
 * Writes edges. MUST come after the records themselves, which may be parents in the same batch. A parent that no earlier record has
 * is set aside as unresolved, and shown; it never stops the indexing.
 */
export async function insertEdges(
  tx: Transaction,
  { found, named }: EdgeBatch,
  options: InsertOptions,
): Promise<void> {
  await insertRows(tx, EDGES, found, options);
  if (named.length > 0) await insertNamed(tx, named, options);
}

async function insertNamed(
  tx: Transaction,
  named: readonly NamedEdge[],
  options: InsertOptions,
): Promise<void> {
  const { from, parameters } = await sourceOf(tx, NAMED_EDGES, named, options);
  const text = `WITH named AS MATERIALIZED (
      SELECT given.child, given.parent_hash, given.flags, record.id AS parent
      FROM ${from} LEFT JOIN record ON record.record_hash = given.parent_hash AND record.id < given.child
    ), resolved AS (
      INSERT INTO edge (child, parent, flags)
      SELECT child, parent, flags FROM named WHERE parent IS NOT NULL
    )
    INSERT INTO unresolved_parent (child, parent_hash, flags)
    SELECT child, parent_hash, flags FROM named WHERE parent IS NULL`;
  await tx.unsafe(text, parameters, { prepare: true });
}

function addEdges(
  record: RecordEvent,
  add: (child: PositionId, parentHash: Uint8Array, flags: number) => void,
): void {
  const previous = record.previousHash;
  const hasPrevious = previous.some((byte) => byte !== 0);
  let previousIsParent = false;
  for (const parentHash of record.parents) {
    const both = hasPrevious && equalBytes(parentHash, previous);
    if (both) previousIsParent = true;
    add(record.id, parentHash, both ? DERIVED | PREVIOUS : DERIVED);
  }
  if (hasPrevious && !previousIsParent) add(record.id, previous, PREVIOUS);
}
