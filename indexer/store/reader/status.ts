import type { IndexStatus, Reader } from "../../model/reader.ts";
import { type CursorRow, cursorOf } from "../chainCursor.ts";
import type { Query } from "./query.ts";

type StatusRow = CursorRow & {
  chain_id: bigint | null;
  log_size: bigint;
  checkpoint_size: bigint | null;
  anchored_size: bigint | null;
  records: bigint;
  quarantined: bigint;
};

/** Where the index stands, of one moment: cheap enough to be asked with every answer. */
export function createStatusReader({ run }: Query): Pick<Reader, "status"> {
  return {
    status: async (signal): Promise<IndexStatus> => {
      const [row] = await run(
        "status",
        (sql) => sql<StatusRow[]>`SELECT chain_cursor.*, log_state.size AS log_size,
            (SELECT chain_id FROM ownership) AS chain_id,
            (SELECT max(size) FROM checkpoint) AS checkpoint_size,
            (SELECT max(size) FROM anchor WHERE state IN ('MINED', 'FINAL')) AS anchored_size
          FROM chain_cursor, log_state`,
        signal,
      );
      const { cursor, finalized } = cursorOf(row);
      return {
        chainId: row?.chain_id ?? 0n,
        head: cursor && { number: cursor.number, hash: cursor.hash, timestamp: cursor.timestamp },
        finalized: finalized && { number: finalized.number, hash: finalized.hash },
        logSize: row?.log_size ?? 0n,
        checkpointSize: row?.checkpoint_size ?? 0n,
        anchoredSize: row?.anchored_size ?? 0n,
        records: row?.records ?? 0n,
        quarantined: row?.quarantined ?? 0n,
      };
    },
  };
}
