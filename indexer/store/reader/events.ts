import type { AccessRow, EndorsementRow, QuarantineRow, Reader } from "../../model/reader.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { boundsOf, nameOfBytes, pageOf, type Query } from "./query.ts";
import { nameOf } from "./records.ts";

type StoredAccess = {
  id: bigint;
  access_hash: Uint8Array;
  data_id: Uint8Array;
  record_hash: Uint8Array;
  reader: Uint8Array;
  purpose: Uint8Array;
  metadata_hash: Uint8Array;
  reporter: Uint8Array;
  sequence: bigint;
  timestamp: bigint;
  transaction_hash: Uint8Array;
};
type StoredEndorsement = {
  id: bigint;
  endorsement_hash: Uint8Array;
  record_hash: Uint8Array;
  validator: Uint8Array;
  policy_version: bigint;
  transaction_hash: Uint8Array;
};
type StoredQuarantine = {
  id: bigint;
  reason: string;
  detail: string;
  topics: Uint8Array;
  data: Uint8Array;
  transaction_hash: Uint8Array;
};

const TOPIC_BYTES = 32;

export function createEventReader({ run }: Query): Pick<Reader, "accesses" | "endorsements" | "quarantine"> {
  return {
    accesses: async (page, signal) => {
      const bounds = boundsOf(page);
      const { dataId, recordHash } = page;
      const rows = await run(
        "accesses",
        (sql) => sql<StoredAccess[]>`SELECT * FROM access WHERE id > ${bounds.low} AND id < ${bounds.high}
          ${dataId === undefined ? sql`` : sql`AND data_id = ${dataId}`}
          ${recordHash === undefined ? sql`` : sql`AND record_hash = ${recordHash}`}
          ORDER BY id ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, accessOf);
    },

    endorsements: async (recordHashes, signal) => {
      const rows = await run(
        "endorsements",
        (sql) => sql<StoredEndorsement[]>`
          SELECT id, endorsement_hash, record_hash, validator, policy_version, transaction_hash FROM endorsement
          WHERE record_hash = ANY (${arrayLiteral(recordHashes)}::text::bytea[]) ORDER BY id`,
        signal,
      );
      const byRecord = new Map<string, EndorsementRow[]>();
      for (const row of rows) {
        const name = nameOfBytes(row.record_hash);
        const list = byRecord.get(name) ?? [];
        list.push(endorsementOf(row));
        byRecord.set(name, list);
      }
      return recordHashes.map((hash) => byRecord.get(nameOfBytes(hash)) ?? []);
    },

    quarantine: async (page, signal) => {
      const bounds = boundsOf(page);
      const rows = await run(
        "quarantine",
        (sql) => sql<
          StoredQuarantine[]
        >`SELECT * FROM quarantine WHERE id > ${bounds.low} AND id < ${bounds.high}
          ORDER BY id ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, quarantineOf);
    },
  };
}

function accessOf(row: StoredAccess): AccessRow {
  return {
    id: row.id,
    accessHash: row.access_hash,
    dataId: row.data_id,
    recordHash: row.record_hash,
    reader: row.reader,
    purpose: nameOf(row.purpose),
    metadataHash: row.metadata_hash,
    reporter: row.reporter,
    sequence: row.sequence,
    timestamp: row.timestamp,
    transactionHash: row.transaction_hash,
  };
}

function endorsementOf(row: StoredEndorsement): EndorsementRow {
  return {
    id: row.id,
    endorsementHash: row.endorsement_hash,
    recordHash: row.record_hash,
    validator: row.validator,
    policyVersion: row.policy_version,
    transactionHash: row.transaction_hash,
  };
}

function quarantineOf(row: StoredQuarantine): QuarantineRow {
  const topics: Uint8Array[] = [];
  for (let at = 0; at < row.topics.length; at += TOPIC_BYTES) {
    topics.push(row.topics.slice(at, at + TOPIC_BYTES));
  }
  const { id, reason, detail, data } = row;
  return { id, reason, detail, topics, data, transactionHash: row.transaction_hash };
}
