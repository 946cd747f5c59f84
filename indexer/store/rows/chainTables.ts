import { StemmaError } from "../../../protocol/errors.ts";
import type { ChainEvent, EventOrigin } from "../../model/event.ts";
import type { Column, Table } from "./table.ts";

type Kind = ChainEvent["kind"];
type EventOf<K extends Kind> = Extract<ChainEvent, { kind: K }>;

const SCOPES = { namespace: 1, dataset: 2 } as const;
const PHASES = { started: 1, completed: 2 } as const;
const STATUSES = { CORRECTED: 1, REVOKED: 2, ERASED: 3 } as const;

const id: Column<EventOrigin> = { name: "id", type: "bigint", get: (event) => event.id };
const transaction: Column<EventOrigin> = {
  name: "transaction_hash",
  type: "bytea32",
  get: (event) => event.transactionHash,
};

/** Columns in the order of their size, the narrow ones first: rows then need no padding. */
function table<K extends Kind>(name: string, columns: readonly Column<EventOf<K>>[]): Table<EventOf<K>> {
  return { name, columns: [id, ...columns, transaction] };
}

export const CHAIN_TABLES: { readonly [K in Kind]: Table<EventOf<K>> } = {
  record: table<"record">("record", [
    { name: "sequence", type: "bigint", get: (event) => event.sequence },
    { name: "timestamp", type: "bigint", get: (event) => event.timestamp },
    { name: "record_hash", type: "bytea32", get: (event) => event.recordHash },
    { name: "data_id", type: "bytea32", get: (event) => event.dataId },
    { name: "data_hash", type: "bytea32", get: (event) => event.dataHash },
    { name: "previous_hash", type: "bytea32", get: (event) => event.previousHash },
    { name: "operation", type: "bytea", get: (event) => withoutPadding(event.operation) },
    { name: "metadata_hash", type: "bytea32", get: (event) => event.metadataHash },
    { name: "data_owner", type: "bytea20", get: (event) => event.dataOwner },
    { name: "agent", type: "bytea20", get: (event) => event.agent },
    { name: "submitter", type: "bytea20", get: (event) => event.submitter },
  ]),
  datasetStarted: table<"datasetStarted">("dataset", [
    { name: "data_id", type: "bytea32", get: (event) => event.dataId },
    { name: "namespace_id", type: "bytea32", get: (event) => event.namespaceId },
    { name: "owner", type: "bytea20", get: (event) => event.owner },
    { name: "name_hash", type: "bytea32", get: (event) => event.nameHash },
    { name: "name", type: "text", nullable: true, get: (event) => event.name },
  ]),
  namespaceRegistered: table<"namespaceRegistered">("namespace", [
    { name: "namespace_id", type: "bytea32", get: (event) => event.namespaceId },
    { name: "owner", type: "bytea20", get: (event) => event.owner },
    { name: "name", type: "text", nullable: true, get: (event) => event.name },
  ]),
  writerSet: table<"writerSet">("writer_grant", [
    { name: "scope", type: "smallint", get: (event) => SCOPES[event.scope] },
    { name: "subject", type: "bytea32", get: (event) => event.subject },
    { name: "writer", type: "bytea20", get: (event) => event.writer },
    { name: "allowed", type: "boolean", get: (event) => event.allowed },
  ]),
  transfer: table<"transfer">("transfer", [
    { name: "scope", type: "smallint", get: (event) => SCOPES[event.scope] },
    { name: "subject", type: "bytea32", get: (event) => event.subject },
    { name: "phase", type: "smallint", get: (event) => PHASES[event.phase] },
    { name: "sender", type: "bytea20", get: (event) => event.from },
    { name: "receiver", type: "bytea20", get: (event) => event.to },
  ]),
  superseded: table<"superseded">("superseded", [
    { name: "record_hash", type: "bytea32", get: (event) => event.recordHash },
    { name: "by_record_hash", type: "bytea32", get: (event) => event.byRecordHash },
    { name: "status", type: "smallint", get: (event) => STATUSES[event.status] },
  ]),
  access: table<"access">("access", [
    { name: "sequence", type: "bigint", get: (event) => event.sequence },
    { name: "timestamp", type: "bigint", get: (event) => event.timestamp },
    { name: "access_hash", type: "bytea32", get: (event) => event.accessHash },
    { name: "data_id", type: "bytea32", get: (event) => event.dataId },
    { name: "record_hash", type: "bytea32", get: (event) => event.recordHash },
    { name: "reader", type: "bytea32", get: (event) => event.reader },
    { name: "purpose", type: "bytea", get: (event) => withoutPadding(event.purpose) },
    { name: "metadata_hash", type: "bytea32", get: (event) => event.metadataHash },
    { name: "reporter", type: "bytea20", get: (event) => event.reporter },
  ]),
  policySet: table<"policySet">("policy", [
    { name: "data_id", type: "bytea32", get: (event) => event.dataId },
    { name: "version", type: "bigint", get: (event) => event.version },
    { name: "threshold", type: "bigint", get: (event) => event.threshold },
    { name: "validators", type: "bytea", get: (event) => Buffer.concat(event.validators) },
  ]),
  endorsement: table<"endorsement">("endorsement", [
    { name: "endorsement_hash", type: "bytea32", get: (event) => event.endorsementHash },
    { name: "data_id", type: "bytea32", get: (event) => event.dataId },
    { name: "record_hash", type: "bytea32", get: (event) => event.recordHash },
    { name: "validator", type: "bytea20", get: (event) => event.validator },
    { name: "policy_version", type: "bigint", get: (event) => event.policyVersion },
    { name: "count", type: "bigint", get: (event) => event.count },
  ]),
  validated: table<"validated">("validated", [
    { name: "data_id", type: "bytea32", get: (event) => event.dataId },
    { name: "record_hash", type: "bytea32", get: (event) => event.recordHash },
    { name: "policy_version", type: "bigint", get: (event) => event.policyVersion },
  ]),
  quarantined: table<"quarantined">("quarantine", [
    { name: "reason", type: "text", get: (event) => event.reason },
    { name: "detail", type: "text", get: (event) => event.detail.replaceAll("\0", "\u2400").toWellFormed() },
    { name: "topics", type: "bytea", get: (event) => Buffer.concat(event.topics) },
    { name: "data", type: "bytea", get: (event) => event.data },
  ]),
};

/** Names of all tables whose rows a rewind deletes by id. */
export const CHAIN_TABLE_NAMES: readonly string[] = Object.values(CHAIN_TABLES).map(({ name }) => name);

/** Events by kind, in their order. */
export type EventsByKind = { [K in Kind]: EventOf<K>[] };

/** Sorts the events into one list for each table. @throws ASSERTION_FAILED for a kind that has no table. */
export function sortByKind(events: readonly ChainEvent[]): EventsByKind {
  const lists: EventsByKind = {
    record: [],
    datasetStarted: [],
    namespaceRegistered: [],
    writerSet: [],
    transfer: [],
    superseded: [],
    access: [],
    policySet: [],
    endorsement: [],
    validated: [],
    quarantined: [],
  };
  for (const event of events) {
    const list: ChainEvent[] | undefined = lists[event.kind];
    if (list === undefined) throw new StemmaError("ASSERTION_FAILED", { what: "an event without a table" });
    list.push(event);
  }
  return lists;
}

/** Names are left-aligned in a word of 32 bytes; the padding is put back by nobody, so it isn't stored. */
function withoutPadding(word: Uint8Array): Uint8Array {
  let end = word.length;
  while (end > 0 && word[end - 1] === 0) end--;
  return word.subarray(0, end);
}
