import type { BlockHeader } from "../model/chain.ts";
import type { Transaction } from "./lane.ts";

export type CursorRow = {
  number: bigint | null;
  hash: Uint8Array | null;
  parent_hash: Uint8Array | null;
  timestamp: bigint | null;
  final_number: bigint | null;
  final_hash: Uint8Array | null;
  final_parent_hash: Uint8Array | null;
  final_timestamp: bigint | null;
};

export type Cursor = { readonly cursor: BlockHeader | null; readonly finalized: BlockHeader | null };

/** Reads the cursor and keeps every other writer of the chain's rows out until the transaction ends. */
export async function lockCursor(tx: Transaction): Promise<Cursor> {
  const [row] = await tx<CursorRow[]>`SELECT * FROM chain_cursor FOR UPDATE`;
  return cursorOf(row);
}

/** Cursor and last final block of their row. */
export function cursorOf(row: CursorRow | undefined): Cursor {
  if (row === undefined) return { cursor: null, finalized: null };
  return {
    cursor: headerOf(row.number, row.hash, row.parent_hash, row.timestamp),
    finalized: headerOf(row.final_number, row.final_hash, row.final_parent_hash, row.final_timestamp),
  };
}

/** Moves the cursor, and the counts by the rows that came or went. */
export async function moveCursor(
  tx: Transaction,
  header: BlockHeader,
  gained: { records: number; quarantined: number },
): Promise<void> {
  await tx`UPDATE chain_cursor SET
    number = ${header.number}, hash = ${header.hash}, parent_hash = ${header.parentHash},
    timestamp = ${header.timestamp},
    records = records + ${gained.records}, quarantined = quarantined + ${gained.quarantined}`;
}

function headerOf(
  number: bigint | null,
  hash: Uint8Array | null,
  parentHash: Uint8Array | null,
  timestamp: bigint | null,
): BlockHeader | null {
  if (number === null || hash === null || parentHash === null || timestamp === null) return null;
  return { number, hash, parentHash, timestamp };
}
