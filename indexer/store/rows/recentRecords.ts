import { equalBytes } from "../../../protocol/bytes.ts";
import type { BlockHeader } from "../../model/chain.ts";
import type { RecordEvent } from "../../model/event.ts";
import type { PositionId } from "../../model/position.ts";

/**
 * Positions of the records that were committed last, by their hash. Most parents are recent: finding them here spares the database
 * a look-up in its largest index for each edge. It is a cache only: it is believed while the stored cursor is the one that this
 * process left behind, and forgotten when anything went otherwise.
 */
export type RecentRecords = {
  /** Forgets everything unless the cursor is where {@link RecentRecords.settle} left it. */
  readonly expect: (cursor: BlockHeader | null) => void;
  readonly find: (recordHash: Uint8Array) => PositionId | undefined;
  readonly add: (records: readonly RecordEvent[]) => void;
  /** The transaction is committed, with its cursor here. */
  readonly settle: (cursor: BlockHeader) => void;
  readonly forget: () => void;
};

/** Two generations instead of a list by use: when the young one is full, the old one is dropped whole. About 120 bytes a record. */
export function createRecentRecords(generation = 50_000): RecentRecords {
  let young = new Map<string, PositionId>();
  let old = new Map<string, PositionId>();
  let settledAt: BlockHeader | null = null;

  const forget = () => {
    young = new Map();
    old = new Map();
    settledAt = null;
  };
  return {
    expect: (cursor) => {
      const same =
        cursor !== null &&
        settledAt !== null &&
        cursor.number === settledAt.number &&
        equalBytes(cursor.hash, settledAt.hash);
      if (!same) forget();
    },
    find: (recordHash) => {
      const name = nameOf(recordHash);
      return young.get(name) ?? old.get(name);
    },
    add: (records) => {
      // A batch is never split between generations: its records are each other's likeliest parents.
      if (young.size + records.length > generation) {
        old = young;
        young = new Map();
      }
      for (const { recordHash, id } of records) young.set(nameOf(recordHash), id);
    },
    settle: (cursor) => {
      settledAt = cursor;
    },
    forget,
  };
}

/** 16 of the 32 bytes: they are a hash, so no two records share them. */
function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, 16).toString("latin1");
}
