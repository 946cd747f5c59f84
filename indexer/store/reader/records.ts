import type { RecordStatus } from "../../model/event.ts";
import { blockOf, type PositionId, positionOf } from "../../model/position.ts";
import type { Reader, RecordRow } from "../../model/reader.ts";
import type { Sql } from "../connect.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { boundsOf, inOrder, nameOfBytes, nameOfId, pageOf, type Query } from "./query.ts";

type StoredRecord = {
  id: bigint;
  sequence: bigint;
  timestamp: bigint;
  record_hash: Uint8Array;
  data_id: Uint8Array;
  data_hash: Uint8Array;
  previous_hash: Uint8Array;
  operation: Uint8Array;
  metadata_hash: Uint8Array;
  data_owner: Uint8Array;
  agent: Uint8Array;
  submitter: Uint8Array;
  transaction_hash: Uint8Array;
  block_hash: Uint8Array;
  block_timestamp: bigint;
  status: number | null;
  validated: boolean;
};

type RecordReader = Pick<
  Reader,
  "recordsByHash" | "recordsById" | "records" | "heads" | "recordCounts" | "parents"
>;

const STATUS_NAMES: readonly RecordStatus[] = ["ACTIVE", "CORRECTED", "REVOKED", "ERASED"];
const END = (1n << 63n) - 1n;

export function createRecordReader({ run }: Query): RecordReader {
  return {
    recordsByHash: async (hashes, signal) => {
      const rows = await run(
        "recordsByHash",
        (sql) => sql<StoredRecord[]>`SELECT ${columns(sql, END)} FROM record r ${block(sql)}
          WHERE r.record_hash = ANY (${arrayLiteral(hashes)}::text::bytea[])`,
        signal,
      );
      return inOrder(hashes, rows.map(recordOf), nameOfBytes, (row) => nameOfBytes(row.recordHash));
    },

    recordsById: async (ids, signal) => {
      const rows = await run(
        "recordsById",
        (sql) => sql<StoredRecord[]>`SELECT ${columns(sql, END)} FROM record r ${block(sql)}
          WHERE r.id = ANY (${arrayLiteral(ids)}::text::bigint[])`,
        signal,
      );
      return inOrder(ids, rows.map(recordOf), nameOfId, (row) => nameOfId(row.id));
    },

    records: async (page, signal) => {
      const bounds = boundsOf(page);
      const end = endOf(page.asOfBlock ?? null);
      const low = page.since !== undefined && page.since > bounds.low ? page.since : bounds.low;
      const high = end < bounds.high ? end : bounds.high;
      const { dataId, agent, operation } = page;
      const rows = await run(
        "records",
        (sql) => sql<StoredRecord[]>`SELECT ${columns(sql, end)} FROM record r ${block(sql)}
          WHERE r.id > ${low} AND r.id < ${high}
          ${dataId === undefined ? sql`` : sql`AND r.data_id = ${dataId}`}
          ${agent === undefined ? sql`` : sql`AND r.agent = ${agent}`}
          ${operation === undefined ? sql`` : sql`AND r.operation = ${Buffer.from(operation, "latin1")}`}
          ORDER BY r.id ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, recordOf);
    },

    heads: async (dataIds, asOfBlock, signal) => {
      const end = endOf(asOfBlock);
      const rows = await run(
        "heads",
        (sql) => sql<StoredRecord[]>`SELECT ${columns(sql, end)}
          FROM unnest(${arrayLiteral(dataIds)}::text::bytea[]) AS wanted (data_id)
          CROSS JOIN LATERAL (SELECT * FROM record WHERE record.data_id = wanted.data_id
            AND record.id < ${end} ORDER BY record.id DESC LIMIT 1) AS r ${block(sql)}`,
        signal,
      );
      return inOrder(dataIds, rows.map(recordOf), nameOfBytes, (row) => nameOfBytes(row.dataId));
    },

    // A record's sequence is its place in the dataset's history, from 1, so the head's is their number.
    recordCounts: async (dataIds, signal) => {
      const rows = await run(
        "recordCounts",
        (sql) => sql<{ data_id: Uint8Array; sequence: bigint }[]>`SELECT r.data_id, r.sequence
          FROM unnest(${arrayLiteral(dataIds)}::text::bytea[]) AS wanted (data_id)
          CROSS JOIN LATERAL (SELECT data_id, sequence FROM record WHERE record.data_id = wanted.data_id
            ORDER BY record.id DESC LIMIT 1) AS r`,
        signal,
      );
      const found = inOrder(dataIds, rows, nameOfBytes, (row) => nameOfBytes(row.data_id));
      return found.map((row) => row?.sequence ?? 0n);
    },

    parents: async (ids, signal) => {
      const rows = await run(
        "parents",
        (sql) => sql<{ child: bigint; hash: Uint8Array }[]>`
          SELECT edge.child, record.record_hash AS hash FROM edge JOIN record ON record.id = edge.parent
            WHERE edge.child = ANY (${arrayLiteral(ids)}::text::bigint[]) AND edge.flags & 2 <> 0
          UNION ALL
          SELECT child, parent_hash FROM unresolved_parent
            WHERE child = ANY (${arrayLiteral(ids)}::text::bigint[]) AND flags & 2 <> 0
          ORDER BY 1, 2`,
        signal,
      );
      const byChild = new Map<bigint, Uint8Array[]>(ids.map((id) => [id, []]));
      for (const { child, hash } of rows) byChild.get(child)?.push(hash);
      return ids.map((id) => byChild.get(id) ?? []);
    },
  };
}

/** The first position that a question as of a block doesn't see. */
export function endOf(asOfBlock: bigint | null): PositionId {
  return asOfBlock === null ? END : positionOf(asOfBlock + 1n, 0);
}

/** The letters of a name in its stored form. */
export function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function columns(sql: Sql, end: PositionId) {
  return sql`r.id, r.sequence, r.timestamp, r.record_hash, r.data_id, r.data_hash, r.previous_hash, r.operation,
    r.metadata_hash, r.data_owner, r.agent, r.submitter, r.transaction_hash,
    block.hash AS block_hash, block.timestamp AS block_timestamp,
    (SELECT status FROM superseded s WHERE s.record_hash = r.record_hash AND s.id < ${end}
      ORDER BY s.id DESC LIMIT 1) AS status,
    EXISTS (SELECT FROM validated v WHERE v.record_hash = r.record_hash AND v.id < ${end}) AS validated`;
}

function block(sql: Sql) {
  return sql`JOIN block ON block.number = r.id >> 20`;
}

function recordOf(row: StoredRecord): RecordRow {
  return {
    id: row.id,
    recordHash: row.record_hash,
    dataId: row.data_id,
    dataHash: row.data_hash,
    previousHash: row.previous_hash,
    operation: nameOf(row.operation),
    metadataHash: row.metadata_hash,
    dataOwner: row.data_owner,
    agent: row.agent,
    submitter: row.submitter,
    sequence: row.sequence,
    timestamp: row.timestamp,
    blockNumber: blockOf(row.id),
    blockHash: row.block_hash,
    blockTimestamp: row.block_timestamp,
    transactionHash: row.transaction_hash,
    status: STATUS_NAMES[row.status ?? 0] ?? "ACTIVE",
    validated: row.validated,
  };
}
