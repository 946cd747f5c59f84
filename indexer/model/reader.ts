import type { RecordStatus } from "./event.ts";
import type { AnchorRow, EntryKind, StoredCheckpoint } from "./log.ts";
import type { PositionId } from "./position.ts";

/** How far a record has come. A record's state is the last one it reached. */
export type RecordState = "ACCEPTED" | "SEQUENCED" | "INTEGRATED" | "ANCHORED" | "FINAL";

/** Times of the states in milliseconds since 1970; null where the state isn't reached. */
export type StateTimes = {
  readonly state: RecordState;
  /** Time of the block. */
  readonly acceptedAt: number;
  readonly sequencedAt: number | null;
  readonly integratedAt: number | null;
  readonly anchoredAt: number | null;
  readonly finalAt: number | null;
};

export type RecordRow = {
  readonly id: PositionId;
  readonly recordHash: Uint8Array;
  readonly dataId: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly previousHash: Uint8Array;
  readonly operation: string;
  readonly metadataHash: Uint8Array;
  readonly dataOwner: Uint8Array;
  readonly agent: Uint8Array;
  readonly submitter: Uint8Array;
  readonly sequence: bigint;
  readonly timestamp: bigint;
  readonly blockNumber: bigint;
  readonly blockHash: Uint8Array;
  readonly blockTimestamp: bigint;
  readonly transactionHash: Uint8Array;
  readonly status: RecordStatus;
  readonly validated: boolean;
};

export type DatasetRow = {
  readonly id: PositionId;
  readonly dataId: Uint8Array;
  readonly namespaceId: Uint8Array;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly nameHash: Uint8Array;
  /** The owner as of now, transfers included. */
  readonly owner: Uint8Array;
  readonly startedAt: bigint;
};

export type NamespaceRow = {
  readonly id: PositionId;
  readonly namespaceId: Uint8Array;
  readonly name: string | null;
  readonly owner: Uint8Array;
};

export type AccessRow = {
  readonly id: PositionId;
  readonly accessHash: Uint8Array;
  readonly dataId: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly reader: Uint8Array;
  readonly purpose: string;
  readonly metadataHash: Uint8Array;
  readonly reporter: Uint8Array;
  readonly sequence: bigint;
  readonly timestamp: bigint;
  readonly transactionHash: Uint8Array;
};

export type EndorsementRow = {
  readonly id: PositionId;
  readonly endorsementHash: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly validator: Uint8Array;
  readonly policyVersion: bigint;
  readonly transactionHash: Uint8Array;
};

export type QuarantineRow = {
  readonly id: PositionId;
  readonly reason: string;
  readonly detail: string;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
  readonly transactionHash: Uint8Array;
};

/** One page, in the order asked for, by keyset: rows strictly after `after` (before, where descending). */
export type PageRequest = {
  readonly limit: number;
  readonly after: PositionId | null;
  readonly direction: "ascending" | "descending";
};

export type Page<Row> = { readonly rows: readonly Row[]; readonly hasMore: boolean };

export type LineageDirection = "UPSTREAM" | "DOWNSTREAM" | "BOTH";

export type LineageRequest = {
  /** Start records (their positions). */
  readonly from: readonly PositionId[];
  readonly direction: LineageDirection;
  readonly maxDepth: number;
  readonly maxNodes: number;
  /** Only records of this block or earlier; null for all. */
  readonly asOfBlock: bigint | null;
};

export type LineageEdge = {
  readonly child: PositionId;
  readonly parent: PositionId;
  /** True where the parent is the dataset's previous record. */
  readonly previous: boolean;
  /** True where the parent is among the record's declared parents. */
  readonly derived: boolean;
};

/** Breadth first: every node with its least distance from a start record. Edges join only nodes of the answer. */
export type LineageAnswer = {
  readonly nodes: readonly { readonly id: PositionId; readonly depth: number }[];
  readonly edges: readonly LineageEdge[];
  /** True where depth or node limit cut something off. */
  readonly truncated: boolean;
};

export type EntryRow = {
  readonly index: bigint;
  readonly kind: EntryKind;
  readonly hash: Uint8Array;
  readonly sourceId: PositionId;
  readonly sequencedAt: number;
};

export type IndexStatus = {
  readonly chainId: bigint;
  readonly head: { readonly number: bigint; readonly hash: Uint8Array; readonly timestamp: bigint } | null;
  readonly finalized: { readonly number: bigint; readonly hash: Uint8Array } | null;
  readonly logSize: bigint;
  readonly checkpointSize: bigint;
  readonly anchoredSize: bigint;
  readonly records: bigint;
  readonly quarantined: bigint;
};

/** What the API may ask of the store. All calls are read-only, take an optional signal, and end with `QUERY_TIMEOUT` when too slow. */
export type Reader = {
  readonly status: (signal?: AbortSignal) => Promise<IndexStatus>;
  readonly namespaces: (page: PageRequest, signal?: AbortSignal) => Promise<Page<NamespaceRow>>;
  readonly namespacesById: (
    ids: readonly Uint8Array[],
    signal?: AbortSignal,
  ) => Promise<readonly (NamespaceRow | null)[]>;
  readonly datasets: (
    page: PageRequest & {
      readonly namespaceId?: Uint8Array | undefined;
      readonly nameContains?: string | undefined;
    },
    signal?: AbortSignal,
  ) => Promise<Page<DatasetRow>>;
  readonly datasetsById: (
    dataIds: readonly Uint8Array[],
    signal?: AbortSignal,
  ) => Promise<readonly (DatasetRow | null)[]>;
  readonly recordsByHash: (
    hashes: readonly Uint8Array[],
    signal?: AbortSignal,
  ) => Promise<readonly (RecordRow | null)[]>;
  readonly recordsById: (
    ids: readonly PositionId[],
    signal?: AbortSignal,
  ) => Promise<readonly (RecordRow | null)[]>;
  readonly records: (
    page: PageRequest & {
      readonly dataId?: Uint8Array | undefined;
      readonly operation?: string | undefined;
      readonly agent?: Uint8Array | undefined;
      /** Only records after this position (for live feeds) regardless of the direction of the page. */
      readonly since?: PositionId | undefined;
      readonly asOfBlock?: bigint | undefined;
    },
    signal?: AbortSignal,
  ) => Promise<Page<RecordRow>>;
  /** Latest record of each dataset, as of a block where one is given. */
  readonly heads: (
    dataIds: readonly Uint8Array[],
    asOfBlock: bigint | null,
    signal?: AbortSignal,
  ) => Promise<readonly (RecordRow | null)[]>;
  readonly recordCounts: (dataIds: readonly Uint8Array[], signal?: AbortSignal) => Promise<readonly bigint[]>;
  readonly parents: (
    ids: readonly PositionId[],
    signal?: AbortSignal,
  ) => Promise<readonly (readonly Uint8Array[])[]>;
  readonly states: (ids: readonly PositionId[], signal?: AbortSignal) => Promise<readonly StateTimes[]>;
  readonly lineage: (request: LineageRequest, signal?: AbortSignal) => Promise<LineageAnswer>;
  readonly accesses: (
    page: PageRequest & {
      readonly dataId?: Uint8Array | undefined;
      readonly recordHash?: Uint8Array | undefined;
    },
    signal?: AbortSignal,
  ) => Promise<Page<AccessRow>>;
  readonly endorsements: (
    recordHashes: readonly Uint8Array[],
    signal?: AbortSignal,
  ) => Promise<readonly (readonly EndorsementRow[])[]>;
  readonly quarantine: (page: PageRequest, signal?: AbortSignal) => Promise<Page<QuarantineRow>>;
  readonly entryBySource: (
    ids: readonly PositionId[],
    signal?: AbortSignal,
  ) => Promise<readonly (EntryRow | null)[]>;
  /** At most `limit` entries of the log from `from` on, ascending, without gaps. */
  readonly entries: (from: bigint, limit: number, signal?: AbortSignal) => Promise<readonly EntryRow[]>;
  /** By size: a page's position is the size of a checkpoint. */
  readonly checkpoints: (page: PageRequest, signal?: AbortSignal) => Promise<Page<StoredCheckpoint>>;
  /** The smallest checkpoint that covers the index; with `anchored`, the smallest whose anchor is on chain. */
  readonly checkpointCovering: (
    index: bigint,
    options: { readonly anchored: boolean },
    signal?: AbortSignal,
  ) => Promise<StoredCheckpoint | null>;
  /** Anchors of every state, by size: a page's position is the size of an anchor. */
  readonly anchors: (page: PageRequest, signal?: AbortSignal) => Promise<Page<AnchorRow>>;
  readonly anchorsBySize: (
    sizes: readonly bigint[],
    signal?: AbortSignal,
  ) => Promise<readonly (AnchorRow | null)[]>;
};

/** Something changed: what subscriptions wake up for. Carries positions only. */
export type ChangeNotice =
  | { readonly type: "records"; readonly upTo: PositionId }
  | { readonly type: "reorg"; readonly ancestor: bigint }
  | { readonly type: "finalized"; readonly block: bigint }
  | { readonly type: "sequenced"; readonly size: bigint }
  | { readonly type: "checkpoint"; readonly size: bigint }
  | { readonly type: "anchor"; readonly size: bigint };

/** Live feed of changes; reconnects by itself and then delivers a notice of each type, so that nothing is missed. */
export type ChangeFeed = {
  readonly subscribe: (listener: (notice: ChangeNotice) => void) => () => void;
};
