import type { BlockHeader, ChainIdentity, ChainPosition } from "./chain.ts";
import type { ChainEvent } from "./event.ts";
import type { AnchorRow, LogBatch, LogState, PendingEntry, StoredCheckpoint, Tile } from "./log.ts";

/** What a database belongs to. A database opened with another one is refused. */
export type Ownership = {
  readonly chain: ChainIdentity;
  readonly registry: Uint8Array;
  readonly anchor: Uint8Array;
  readonly logOrigin: string;
  /** C2SP verifier key of the log. */
  readonly logKey: string;
};

/** Rows and cursor of one step of the chain; committed in one transaction. */
export type RangeCommit = {
  readonly from: bigint;
  readonly to: bigint;
  /** Headers to keep (see `ChainUpdate`); the last one becomes the cursor. */
  readonly headers: readonly BlockHeader[];
  readonly events: readonly ChainEvent[];
};

/** The chain side of the store. Every call is idempotent. */
export type ChainStore = {
  readonly claim: (owner: Ownership) => Promise<void>;
  readonly position: () => Promise<ChainPosition>;
  /** MUST be durable and visible as a whole, or not at all. Bulk ranges and single blocks give equal rows. */
  readonly commitRange: (commit: RangeCommit) => Promise<void>;
  /** Deletes everything above `ancestor`, unsent anchors that rest on it included, and moves the cursor, in one transaction. */
  readonly rewind: (ancestor: BlockHeader) => Promise<void>;
  readonly finalize: (block: BlockHeader) => Promise<void>;
};

/** The log side of the store. */
export type LogStore = {
  /**
   * Takes the sequencer's session lock and a new epoch; null where another process holds the lock. The epoch MUST be higher than
   * every earlier one of this database, and than `above`: the epoch that the contract stands at, which a rebuilt database forgot.
   */
  readonly lead: (above?: bigint) => Promise<Leadership | null>;
  readonly state: () => Promise<LogState>;
  /** Final events after the newest sequenced one, ascending by source, at most `limit`. */
  readonly pending: (limit: number) => Promise<readonly PendingEntry[]>;
  readonly append: (batch: LogBatch, epoch: bigint) => Promise<void>;
  readonly readTile: (level: number, index: bigint) => Promise<Tile | null>;
  /** MUST be durable before the checkpoint is shown to anyone. Refused where a different root is stored for the size. */
  readonly writeCheckpoint: (checkpoint: StoredCheckpoint) => Promise<void>;
  readonly latestCheckpoint: () => Promise<StoredCheckpoint | null>;
  readonly checkpointAt: (size: bigint) => Promise<StoredCheckpoint | null>;
};

export type Leadership = {
  readonly epoch: bigint;
  /** Aborts when the session that holds the lock is lost. */
  readonly lost: AbortSignal;
  readonly resign: () => Promise<void>;
};

/** The outbox of anchors. States only move forward, but for a reorg, which takes MINED back to SENT. */
export type AnchorStore = {
  readonly seal: (row: Pick<AnchorRow, "size" | "root" | "epoch" | "fromSize" | "sealedAt">) => Promise<void>;
  readonly markSent: (
    size: bigint,
    sent: { nonce: bigint; rawTransaction: Uint8Array; transactionHash: Uint8Array; sentAt: number },
  ) => Promise<void>;
  readonly markMined: (
    size: bigint,
    mined: { blockNumber: bigint; blockHash: Uint8Array; minedAt: number },
  ) => Promise<void>;
  readonly markFinal: (size: bigint, finalAt: number) => Promise<void>;
  /** Back from MINED to SENT: the block that held the transaction is gone. */
  readonly unmine: (size: bigint) => Promise<void>;
  /** Drops a SEALED or SENT row that a larger anchor has made pointless. */
  readonly discard: (size: bigint) => Promise<void>;
  /** Rows that are not FINAL yet, ascending by size. */
  readonly open: () => Promise<readonly AnchorRow[]>;
  readonly latest: () => Promise<AnchorRow | null>;
};
