import { equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { BlockHeader, ChainPosition } from "../model/chain.ts";
import { positionOf } from "../model/position.ts";
import type { ChainStore, RangeCommit } from "../model/store.ts";
import { type CursorRow, cursorOf, lockCursor, moveCursor } from "./chainCursor.ts";
import { notify } from "./changeFeed.ts";
import { claim } from "./claim.ts";
import type { Sql } from "./connect.ts";
import type { Lane, Transaction } from "./lane.ts";
import type { Pool } from "./pool.ts";
import { insertBlocks } from "./rows/blocks.ts";
import { CHAIN_TABLE_NAMES, CHAIN_TABLES, sortByKind } from "./rows/chainTables.ts";
import { type EdgeBatch, gatherEdges, insertEdges } from "./rows/edges.ts";
import { type InsertOptions, insertRows } from "./rows/insertRows.ts";
import { createRecentRecords, type RecentRecords } from "./rows/recentRecords.ts";
import { guarded } from "./storeError.ts";

type HeaderRow = { number: bigint; hash: Uint8Array; parent_hash: Uint8Array; timestamp: bigint };

/**
 * The chain's side of the store. Rows and cursor move in one transaction, so a crash loses a consistent suffix at most, which the
 * chain gives again: these transactions don't wait for the disk.
 */
export function createChainStore(lane: Lane, pool: Pool, options: InsertOptions): ChainStore {
  const recent = createRecentRecords();
  const inTransaction = async (work: (tx: Transaction) => Promise<unknown>): Promise<void> => {
    try {
      await guarded(() =>
        lane.transaction(async (tx) => {
          await tx`SET LOCAL synchronous_commit = off`;
          await work(tx);
        }),
      );
    } catch (error) {
      recent.forget();
      throw error;
    }
  };

  return {
    claim: (owner) => guarded(() => claim(lane, owner)),
    position: () => guarded(() => readPosition(pool.sql())),
    commitRange: async (commit) => {
      let cursor: BlockHeader | null = null;
      await inTransaction(async (tx) => {
        cursor = await commitRange(tx, commit, recent, options);
      });
      if (cursor !== null) recent.settle(cursor);
    },
    rewind: (ancestor) => inTransaction((tx) => rewind(tx, ancestor)),
    finalize: (block) => inTransaction((tx) => finalize(tx, block)),
  };
}

async function readPosition(sql: Sql): Promise<ChainPosition> {
  // One statement, so that cursor and window are of the same moment.
  const rows = await sql<(CursorRow & { window: string | null })[]>`
    SELECT chain_cursor.*, (
      SELECT string_agg(number || ' ' || encode(hash, 'hex') || ' ' || encode(parent_hash, 'hex') || ' ' || timestamp,
        ',' ORDER BY number)
      FROM block
      WHERE parent_hash IS NOT NULL AND block.number > coalesce(chain_cursor.final_number, -1)
        AND block.number <= chain_cursor.number
    ) AS window FROM chain_cursor`;
  const row = rows[0];
  const headers = row?.window?.split(",") ?? [];
  return { ...cursorOf(row), window: headers.map(parseHeader) };
}

function parseHeader(text: string): BlockHeader {
  const [number = "", hash = "", parentHash = "", timestamp = ""] = text.split(" ");
  return {
    number: BigInt(number),
    hash: new Uint8Array(Buffer.from(hash, "hex")),
    parentHash: new Uint8Array(Buffer.from(parentHash, "hex")),
    timestamp: BigInt(timestamp),
  };
}

/** Returns the new cursor, or null where all of the range was stored before. */
async function commitRange(
  tx: Transaction,
  commit: RangeCommit,
  recent: RecentRecords,
  options: InsertOptions,
): Promise<BlockHeader | null> {
  const { cursor } = await lockCursor(tx);
  const last = commit.headers.at(-1);
  if (last === undefined || last.number !== commit.to) {
    throw new StemmaError("ASSERTION_FAILED", { what: "a range without the header of its last block" });
  }
  if (cursor !== null && commit.from > cursor.number + 1n) {
    throw new StemmaError("RANGE_NOT_ADJACENT", { from: commit.from, to: commit.to, cursor: cursor.number });
  }
  await checkFork(tx, commit, cursor);
  if (cursor !== null && commit.to <= cursor.number) return null;

  recent.expect(cursor);
  const stored = cursor === null ? -1n : positionOf(cursor.number + 1n, 0) - 1n;
  const missing = commit.events.filter(({ id }) => id > stored);
  const events = sortByKind(missing);
  await insertBlocks(tx, commit.headers, missing, options);
  let edges: EdgeBatch = { found: [], named: [] };
  const records = await insertRows(tx, CHAIN_TABLES.record, events.record, options, () => {
    recent.add(events.record);
    edges = gatherEdges(events.record, recent);
  });
  await insertEdges(tx, edges, options);
  await insertRows(tx, CHAIN_TABLES.datasetStarted, events.datasetStarted, options);
  await insertRows(tx, CHAIN_TABLES.namespaceRegistered, events.namespaceRegistered, options);
  await insertRows(tx, CHAIN_TABLES.writerSet, events.writerSet, options);
  await insertRows(tx, CHAIN_TABLES.transfer, events.transfer, options);
  await insertRows(tx, CHAIN_TABLES.superseded, events.superseded, options);
  await insertRows(tx, CHAIN_TABLES.access, events.access, options);
  await insertRows(tx, CHAIN_TABLES.policySet, events.policySet, options);
  await insertRows(tx, CHAIN_TABLES.endorsement, events.endorsement, options);
  await insertRows(tx, CHAIN_TABLES.validated, events.validated, options);
  const quarantined = await insertRows(tx, CHAIN_TABLES.quarantined, events.quarantined, options);
  await moveCursor(tx, last, { records, quarantined });
  if (missing.length > 0) await notify(tx, { type: "records", upTo: positionOf(commit.to + 1n, 0) - 1n });
  return last;
}

/** The first header must sit on what is stored, and a block told of again must be the same block. */
async function checkFork(tx: Transaction, commit: RangeCommit, cursor: BlockHeader | null): Promise<void> {
  if (cursor === null) return;
  const first = commit.headers[0];
  if (
    first !== undefined &&
    first.number === cursor.number + 1n &&
    !equalBytes(first.parentHash, cursor.hash)
  ) {
    throw new StemmaError("RANGE_FORKED", { block: first.number });
  }
  const again = commit.headers.filter(({ number }) => number <= cursor.number);
  for (const header of again) {
    const [stored] = await tx<{ hash: Uint8Array }[]>`SELECT hash FROM block WHERE number = ${header.number}`;
    if (stored !== undefined && !equalBytes(stored.hash, header.hash)) {
      throw new StemmaError("RANGE_FORKED", { block: header.number });
    }
  }
}

async function rewind(tx: Transaction, ancestor: BlockHeader): Promise<void> {
  const { cursor, finalized } = await lockCursor(tx);
  if (finalized !== null && ancestor.number < finalized.number) {
    throw new StemmaError("REWIND_BELOW_FINAL", { ancestor: ancestor.number, finalized: finalized.number });
  }
  if (cursor === null || cursor.number < ancestor.number) return;
  const above = positionOf(ancestor.number + 1n, 0);
  const gone = new Map<string, number>();
  for (const table of [...CHAIN_TABLE_NAMES]) {
    const deleted = await tx`DELETE FROM ${tx(table)} WHERE id >= ${above}`;
    gone.set(table, deleted.count);
  }
  await tx`DELETE FROM edge WHERE child >= ${above}`;
  await tx`DELETE FROM unresolved_parent WHERE child >= ${above}`;
  await tx`DELETE FROM block WHERE number > ${ancestor.number}`;
  await rewindAnchors(tx, ancestor.number, above);
  await moveCursor(tx, ancestor, {
    records: -(gone.get("record") ?? 0),
    quarantined: -(gone.get("quarantine") ?? 0),
  });
  await notify(tx, { type: "reorg", ancestor: ancestor.number });
}

/** Only final events are logged, so this finds something only where an anchor's own block is gone. */
async function rewindAnchors(tx: Transaction, ancestor: bigint, above: bigint): Promise<void> {
  await tx`DELETE FROM anchor WHERE state = 'SEALED'
    AND size > (SELECT min(entry_index) FROM entry WHERE source_id >= ${above})`;
  await tx`UPDATE anchor SET state = 'SENT', block_number = NULL, block_hash = NULL, mined_at = NULL
    WHERE state = 'MINED' AND block_number > ${ancestor}`;
}

async function finalize(tx: Transaction, block: BlockHeader): Promise<void> {
  const { finalized } = await lockCursor(tx);
  if (finalized !== null && block.number <= finalized.number) {
    if (block.number === finalized.number && !equalBytes(block.hash, finalized.hash)) {
      throw new StemmaError("RANGE_FORKED", { block: block.number });
    }
    return;
  }
  const [stored] = await tx<HeaderRow[]>`SELECT * FROM block WHERE number = ${block.number}`;
  if (stored !== undefined && !equalBytes(stored.hash, block.hash)) {
    throw new StemmaError("RANGE_FORKED", { block: block.number });
  }
  await tx`UPDATE chain_cursor SET
    final_number = ${block.number}, final_hash = ${block.hash},
    final_parent_hash = ${block.parentHash}, final_timestamp = ${block.timestamp}`;
  // Headers of final blocks have served; blocks with events stay, for their time and hash.
  await tx`DELETE FROM block WHERE number < ${block.number} AND number >= ${finalized?.number ?? -1n}
    AND NOT has_events`;
  // Which headers came depends on where ranges ended: without this, two indexes of one chain would differ.
  await tx`UPDATE block SET parent_hash = NULL WHERE number < ${block.number}
    AND number >= ${finalized?.number ?? -1n} AND parent_hash IS NOT NULL`;
  await notify(tx, { type: "finalized", block: block.number });
}
