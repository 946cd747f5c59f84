import type { Reader, StateTimes } from "../../model/reader.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { inOrder, nameOfId, type Query } from "./query.ts";

type StoredTimes = {
  id: bigint;
  accepted_s: bigint;
  sequenced_at: bigint | null;
  integrated_at: bigint | null;
  anchored_at: bigint | null;
  final_at: bigint | null;
};

const MS_PER_S = 1000;

/**
 * How far events have come, and when. A log entry is under the first checkpoint that covers it, and anchored by the first anchor
 * on chain that covers it; nothing is written per record when either is made.
 */
export function createStateReader({ run }: Query): Pick<Reader, "states"> {
  return {
    states: async (ids, signal) => {
      const rows = await run(
        "states",
        (sql) => sql<StoredTimes[]>`
          SELECT wanted.id, block.timestamp AS accepted_s, entry.sequenced_at,
            (SELECT created_at FROM checkpoint WHERE size > entry.entry_index ORDER BY size LIMIT 1)
              AS integrated_at,
            (SELECT mined_at FROM anchor WHERE size > entry.entry_index AND state IN ('MINED', 'FINAL')
              ORDER BY size LIMIT 1) AS anchored_at,
            (SELECT final_at FROM anchor WHERE size > entry.entry_index AND state = 'FINAL'
              ORDER BY size LIMIT 1) AS final_at
          FROM unnest(${arrayLiteral(ids)}::text::bigint[]) AS wanted (id)
          JOIN block ON block.number = wanted.id >> 20
          LEFT JOIN entry ON entry.source_id = wanted.id`,
        signal,
      );
      return inOrder(ids, rows, nameOfId, (row) => nameOfId(row.id)).map(timesOf);
    },
  };
}

function timesOf(row: StoredTimes | null): StateTimes {
  const times = {
    acceptedAt: Number(row?.accepted_s ?? 0n) * MS_PER_S,
    sequencedAt: milliseconds(row?.sequenced_at),
    integratedAt: milliseconds(row?.integrated_at),
    anchoredAt: milliseconds(row?.anchored_at),
    finalAt: milliseconds(row?.final_at),
  };
  if (times.finalAt !== null) return { state: "FINAL", ...times };
  if (times.anchoredAt !== null) return { state: "ANCHORED", ...times };
  if (times.integratedAt !== null) return { state: "INTEGRATED", ...times };
  return { state: times.sequencedAt === null ? "ACCEPTED" : "SEQUENCED", ...times };
}

function milliseconds(value: bigint | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
