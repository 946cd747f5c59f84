import type { PositionId } from "./position.ts";

/** Where an event stands on the chain. */
export type EventOrigin = {
  readonly id: PositionId;
  readonly blockHash: Uint8Array;
  /** Seconds since 1970. */
  readonly blockTimestamp: bigint;
  readonly transactionHash: Uint8Array;
};

export type RecordStatus = "ACTIVE" | "CORRECTED" | "REVOKED" | "ERASED";

export type RecordEvent = EventOrigin & {
  readonly kind: "record";
  readonly recordHash: Uint8Array;
  readonly dataId: Uint8Array;
  readonly dataHash: Uint8Array;
  /** All zeros for a dataset's first record. */
  readonly previousHash: Uint8Array;
  /** 32 bytes, left-aligned ASCII. */
  readonly operation: Uint8Array;
  readonly metadataHash: Uint8Array;
  readonly dataOwner: Uint8Array;
  readonly agent: Uint8Array;
  readonly submitter: Uint8Array;
  readonly sequence: bigint;
  /** Claimed by the agent, seconds since 1970. */
  readonly timestamp: bigint;
  /** Ascending. */
  readonly parents: readonly Uint8Array[];
};

export type DatasetEvent = EventOrigin & {
  readonly kind: "datasetStarted";
  readonly dataId: Uint8Array;
  readonly namespaceId: Uint8Array;
  readonly owner: Uint8Array;
  readonly nameHash: Uint8Array;
  /** Null where the name is kept off chain or can't be stored as text. */
  readonly name: string | null;
};

export type NamespaceEvent = EventOrigin & {
  readonly kind: "namespaceRegistered";
  readonly namespaceId: Uint8Array;
  readonly owner: Uint8Array;
  /** Null where it can't be stored as text. */
  readonly name: string | null;
};

export type WriterEvent = EventOrigin & {
  readonly kind: "writerSet";
  readonly scope: "namespace" | "dataset";
  readonly subject: Uint8Array;
  readonly writer: Uint8Array;
  readonly allowed: boolean;
};

export type TransferEvent = EventOrigin & {
  readonly kind: "transfer";
  readonly scope: "namespace" | "dataset";
  readonly subject: Uint8Array;
  readonly phase: "started" | "completed";
  readonly from: Uint8Array;
  readonly to: Uint8Array;
};

export type SupersededEvent = EventOrigin & {
  readonly kind: "superseded";
  readonly recordHash: Uint8Array;
  readonly byRecordHash: Uint8Array;
  readonly status: Exclude<RecordStatus, "ACTIVE">;
};

export type AccessEvent = EventOrigin & {
  readonly kind: "access";
  readonly accessHash: Uint8Array;
  readonly dataId: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly reader: Uint8Array;
  readonly purpose: Uint8Array;
  readonly metadataHash: Uint8Array;
  readonly reporter: Uint8Array;
  readonly sequence: bigint;
  readonly timestamp: bigint;
};

export type PolicyEvent = EventOrigin & {
  readonly kind: "policySet";
  readonly dataId: Uint8Array;
  readonly version: bigint;
  readonly threshold: bigint;
  readonly validators: readonly Uint8Array[];
};

export type EndorsementEvent = EventOrigin & {
  readonly kind: "endorsement";
  readonly endorsementHash: Uint8Array;
  readonly dataId: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly validator: Uint8Array;
  readonly policyVersion: bigint;
  readonly count: bigint;
};

export type ValidatedEvent = EventOrigin & {
  readonly kind: "validated";
  readonly dataId: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly policyVersion: bigint;
};

/** A log that came from our contracts but can't be understood. Kept and shown, never fatal. */
export type QuarantinedEvent = EventOrigin & {
  readonly kind: "quarantined";
  /** Code of the error table. */
  readonly reason: string;
  readonly detail: string;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
};

/** Everything the contracts can say, decoded. Ascending by `id` within a range. */
export type ChainEvent =
  | RecordEvent
  | DatasetEvent
  | NamespaceEvent
  | WriterEvent
  | TransferEvent
  | SupersededEvent
  | AccessEvent
  | PolicyEvent
  | EndorsementEvent
  | ValidatedEvent
  | QuarantinedEvent;
