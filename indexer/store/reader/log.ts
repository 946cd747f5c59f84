import type { EntryRow, Reader } from "../../model/reader.ts";
import { anchorOf, type StoredAnchor } from "../anchorStore.ts";
import { type CheckpointRow, checkpointOf } from "../logStore.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { kindOf } from "../rows/logTables.ts";
import { boundsOf, inOrder, nameOfId, pageOf, type Query } from "./query.ts";

type StoredEntry = {
  entry_index: bigint;
  source_id: bigint;
  sequenced_at: bigint;
  kind: number;
  hash: Uint8Array;
};

type LogReader = Pick<
  Reader,
  "entryBySource" | "entries" | "checkpoints" | "checkpointCovering" | "anchors" | "anchorsBySize"
>;

export function createLogReader({ run }: Query): LogReader {
  return {
    entryBySource: async (ids, signal) => {
      const rows = await run(
        "entryBySource",
        (sql) => sql<StoredEntry[]>`SELECT * FROM entry
          WHERE source_id = ANY (${arrayLiteral(ids)}::text::bigint[])`,
        signal,
      );
      return inOrder(ids, rows.map(entryOf), nameOfId, (row) => nameOfId(row.sourceId));
    },

    entries: async (from, limit, signal) => {
      const rows = await run(
        "entries",
        (sql) => sql<StoredEntry[]>`SELECT * FROM entry WHERE entry_index >= ${from}
          ORDER BY entry_index LIMIT ${limit}`,
        signal,
      );
      return rows.map(entryOf);
    },

    checkpoints: async (page, signal) => {
      const bounds = boundsOf(page);
      const rows = await run(
        "checkpoints",
        (sql) => sql<
          CheckpointRow[]
        >`SELECT * FROM checkpoint WHERE size > ${bounds.low} AND size < ${bounds.high}
          ORDER BY size ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, checkpointOf);
    },

    checkpointCovering: async (index, { anchored }, signal) => {
      const rows = await run(
        "checkpointCovering",
        (sql) =>
          anchored
            ? sql<CheckpointRow[]>`SELECT checkpoint.* FROM anchor JOIN checkpoint USING (size)
                WHERE anchor.size > ${index} AND anchor.state IN ('MINED', 'FINAL')
                ORDER BY anchor.size LIMIT 1`
            : sql<CheckpointRow[]>`SELECT * FROM checkpoint WHERE size > ${index} ORDER BY size LIMIT 1`,
        signal,
      );
      const row = rows[0];
      return row === undefined ? null : checkpointOf(row);
    },

    anchors: async (page, signal) => {
      const bounds = boundsOf(page);
      const rows = await run(
        "anchors",
        (sql) => sql<StoredAnchor[]>`SELECT * FROM anchor WHERE size > ${bounds.low} AND size < ${bounds.high}
          ORDER BY size ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, anchorOf);
    },

    anchorsBySize: async (sizes, signal) => {
      const rows = await run(
        "anchorsBySize",
        (sql) => sql<StoredAnchor[]>`SELECT * FROM anchor
          WHERE size = ANY (${arrayLiteral(sizes)}::text::bigint[])`,
        signal,
      );
      return inOrder(sizes, rows.map(anchorOf), nameOfId, (row) => nameOfId(row.size));
    },
  };
}

function entryOf(row: StoredEntry): EntryRow {
  return {
    index: row.entry_index,
    kind: kindOf(row.kind),
    hash: row.hash,
    sourceId: row.source_id,
    sequencedAt: Number(row.sequenced_at),
  };
}
