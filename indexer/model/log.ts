import type { EntryKind } from "../../protocol/leaf.ts";
import type { PositionId } from "./position.ts";

export type { EntryKind } from "../../protocol/leaf.ts";

/** Something final that has to go into the log. */
export type PendingEntry = {
  readonly sourceId: PositionId;
  readonly kind: EntryKind;
  /** recordHash, accessHash or endorsementHash. */
  readonly hash: Uint8Array;
};

/** A tile of at most 256 hashes (C2SP tlog-tiles); `hashes` is `width * 32` bytes long. */
export type Tile = {
  readonly level: number;
  readonly index: bigint;
  readonly width: number;
  readonly hashes: Uint8Array;
};

/** Entries appended together. Applied whole or not at all. */
export type LogBatch = {
  /** MUST equal the size of the stored log, else the write is refused. */
  readonly firstIndex: bigint;
  readonly entries: readonly PendingEntry[];
  /** Tiles that are new or wider than stored, partial ones included. */
  readonly tiles: readonly Tile[];
  readonly root: Uint8Array;
  /** Milliseconds since 1970. */
  readonly sequencedAt: number;
};

export type LogState = {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Position of the newest source in the log; -1 for an empty log. */
  readonly lastSourceId: PositionId;
};

export type StoredCheckpoint = {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly epoch: bigint;
  /** The C2SP signed note, verbatim. */
  readonly note: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

export type AnchorState = "SEALED" | "SENT" | "MINED" | "FINAL";

/** A row of the anchor outbox. `rawTransaction` is stored before it is sent, so that a restart sends the same bytes again. */
export type AnchorRow = {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly epoch: bigint;
  /** Size that the consistency proof in the transaction starts from. */
  readonly fromSize: bigint;
  readonly state: AnchorState;
  readonly nonce: bigint | null;
  readonly rawTransaction: Uint8Array | null;
  readonly transactionHash: Uint8Array | null;
  readonly blockNumber: bigint | null;
  readonly blockHash: Uint8Array | null;
  readonly sealedAt: number;
  readonly sentAt: number | null;
  readonly minedAt: number | null;
  readonly finalAt: number | null;
};
