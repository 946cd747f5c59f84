import { equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { KIND_BYTES } from "../../protocol/leaf.ts";
import type { LogBatch, LogState, PendingEntry, StoredCheckpoint, Tile } from "../model/log.ts";
import type { LogStore } from "../model/store.ts";
import { notify } from "./changeFeed.ts";
import type { Sql } from "./connect.ts";
import type { Lane, Transaction } from "./lane.ts";
import { checkEpoch } from "./leadership.ts";
import type { Pool } from "./pool.ts";
import { type InsertOptions, insertRows, sourceOf } from "./rows/insertRows.ts";
import { ENTRIES, kindOf, TILES } from "./rows/logTables.ts";
import { guarded } from "./storeError.ts";

export type CheckpointRow = {
  size: bigint;
  root: Uint8Array;
  epoch: bigint;
  note: string;
  created_at: bigint;
};

/** The log's side of the store. What it has written is on disk when the call returns. */
export function createLogStore(
  lane: Lane,
  pool: Pool,
  lead: LogStore["lead"],
  options: InsertOptions,
): LogStore {
  return {
    lead,
    state: () => guarded(() => readState(pool.sql())),
    pending: (limit) => guarded(() => readPending(pool.sql(), limit)),
    append: (batch, epoch) => durably(lane, (tx) => append(tx, batch, epoch, options)),
    readTile: (level, index) => guarded(() => readTile(pool.sql(), level, index)),
    writeCheckpoint: (checkpoint) => durably(lane, (tx) => writeCheckpoint(tx, checkpoint)),
    latestCheckpoint: () =>
      guarded(async () => {
        const [row] = await pool.sql()<CheckpointRow[]>`SELECT * FROM checkpoint ORDER BY size DESC LIMIT 1`;
        return row === undefined ? null : checkpointOf(row);
      }),
    checkpointAt: (size) =>
      guarded(async () => {
        const [row] = await pool.sql()<CheckpointRow[]>`SELECT * FROM checkpoint WHERE size = ${size}`;
        return row === undefined ? null : checkpointOf(row);
      }),
  };
}

/** A transaction that has reached the disk when it returns, whatever the server's default is. */
export async function durably(lane: Lane, work: (tx: Transaction) => Promise<void>): Promise<void> {
  await guarded(() =>
    lane.transaction(async (tx) => {
      await tx`SET LOCAL synchronous_commit = on`;
      await work(tx);
    }),
  );
}

export function checkpointOf(row: CheckpointRow): StoredCheckpoint {
  return {
    size: row.size,
    root: row.root,
    epoch: row.epoch,
    note: row.note,
    createdAt: Number(row.created_at),
  };
}

async function readState(sql: Sql): Promise<LogState> {
  const [row] = await sql<{ size: bigint; root: Uint8Array; last_source_id: bigint }[]>`
    SELECT size, root, last_source_id FROM log_state`;
  if (row === undefined) throw new StemmaError("ASSERTION_FAILED", { what: "a log without a state" });
  return { size: row.size, root: row.root, lastSourceId: row.last_source_id };
}

/** Everything that is final and has a leaf of its own, in the order of the chain. Each part is one walk along a primary key. */
async function readPending(sql: Sql, limit: number): Promise<PendingEntry[]> {
  const rows = await sql<{ id: bigint; kind: number; hash: Uint8Array }[]>`
    WITH bounds AS MATERIALIZED (
      SELECT log_state.last_source_id AS low, (chain_cursor.final_number + 1) << 20 AS high
      FROM log_state, chain_cursor
    )
    SELECT * FROM (
      (SELECT id, ${KIND_BYTES.record}::int AS kind, record_hash AS hash FROM record
        WHERE id > (SELECT low FROM bounds) AND id < (SELECT high FROM bounds) ORDER BY id LIMIT ${limit})
      UNION ALL
      (SELECT id, ${KIND_BYTES.access}::int, access_hash FROM access
        WHERE id > (SELECT low FROM bounds) AND id < (SELECT high FROM bounds) ORDER BY id LIMIT ${limit})
      UNION ALL
      (SELECT id, ${KIND_BYTES.endorsement}::int, endorsement_hash FROM endorsement
        WHERE id > (SELECT low FROM bounds) AND id < (SELECT high FROM bounds) ORDER BY id LIMIT ${limit})
    ) AS sources ORDER BY id LIMIT ${limit}`;
  return rows.map(({ id, kind, hash }) => ({ sourceId: id, kind: kindOf(kind), hash }));
}

async function append(
  tx: Transaction,
  batch: LogBatch,
  epoch: bigint,
  options: InsertOptions,
): Promise<void> {
  await checkEpoch(tx, epoch);
  const [state] = await tx<{ size: bigint }[]>`SELECT size FROM log_state FOR UPDATE`;
  const size = state?.size ?? 0n;
  if (batch.firstIndex !== size) {
    throw new StemmaError("LOG_NOT_ADJACENT", { firstIndex: batch.firstIndex, size });
  }
  const last = batch.entries.at(-1);
  if (last === undefined) return;
  const { sequencedAt } = batch;
  const entries = batch.entries.map((entry, at) => ({ ...entry, index: size + BigInt(at), sequencedAt }));
  const written = await insertRows(tx, ENTRIES, entries, options);
  if (written !== entries.length) {
    throw new StemmaError("ASSERTION_FAILED", { what: "an entry of the log was there before" });
  }
  await writeTiles(tx, batch.tiles, options);
  await tx`UPDATE log_state SET size = ${size + BigInt(entries.length)}, root = ${batch.root},
    last_source_id = ${last.sourceId}`;
  await notify(tx, { type: "sequenced", size: size + BigInt(entries.length) });
}

/** A tile only ever grows. */
async function writeTiles(tx: Transaction, tiles: readonly Tile[], options: InsertOptions): Promise<void> {
  if (tiles.length === 0) return;
  const { from, parameters } = await sourceOf(tx, TILES, tiles, options);
  await tx.unsafe(
    `INSERT INTO tile (tile_index, level, width, hashes) SELECT tile_index, level, width, hashes FROM ${from}
      ON CONFLICT (level, tile_index) DO UPDATE SET width = excluded.width, hashes = excluded.hashes
        WHERE tile.width < excluded.width`,
    parameters,
    { prepare: true },
  );
}

async function readTile(sql: Sql, level: number, index: bigint): Promise<Tile | null> {
  const [row] = await sql<{ width: number; hashes: Uint8Array }[]>`
    SELECT width, hashes FROM tile WHERE level = ${level} AND tile_index = ${index}`;
  return row === undefined ? null : { level, index, width: row.width, hashes: row.hashes };
}

async function writeCheckpoint(tx: Transaction, checkpoint: StoredCheckpoint): Promise<void> {
  const { size, root, epoch, note, createdAt } = checkpoint;
  await checkEpoch(tx, epoch);
  const [state] = await tx<{ size: bigint; root: Uint8Array }[]>`SELECT size, root FROM log_state`;
  if (state === undefined || size > state.size || (size === state.size && !equalBytes(root, state.root))) {
    throw new StemmaError("CHECKPOINT_CONFLICT", { size });
  }
  const written = await tx`
    INSERT INTO checkpoint (size, epoch, created_at, root, note)
    VALUES (${size}, ${epoch}, ${createdAt}, ${root}, ${note}) ON CONFLICT (size) DO NOTHING`;
  if (written.count > 0) {
    await notify(tx, { type: "checkpoint", size });
    return;
  }
  const [stored] = await tx<{ root: Uint8Array }[]>`SELECT root FROM checkpoint WHERE size = ${size}`;
  if (stored === undefined || !equalBytes(stored.root, root)) {
    throw new StemmaError("CHECKPOINT_CONFLICT", { size });
  }
}
