import { blockOf } from "../../model/position.ts";
import type { Reader, RecordRow } from "../../model/reader.ts";
import { blockMark, placeBefore, type RecordPlace } from "./liveCursor.ts";

/**
 * A record that is new, or (RETRACTED) word that a reorg dropped everything above a block: whatever was told of blocks above it no
 * longer holds, and what replaces it follows.
 */
export type RecordNotice =
  | { readonly type: "ADDED"; readonly record: RecordRow; readonly place: RecordPlace }
  | { readonly type: "RETRACTED"; readonly aboveBlock: bigint; readonly place: RecordPlace };

/** Reads the records after a place, and keeps the place. */
export type RecordFeed = {
  readonly place: () => RecordPlace;
  /** Ends when there is nothing new for now. */
  readonly drain: () => AsyncGenerator<RecordNotice, void, undefined>;
};

export type RecordFeedOptions = {
  readonly from: RecordPlace;
  readonly dataId?: Uint8Array | undefined;
  readonly signal: AbortSignal;
};

const PAGE_SIZE = 100;
/** Records told last whose blocks are remembered, to find how far a reorg reached. Older ones fall back on finality. */
const REMEMBERED = 256;

/** The place after the newest record. */
export async function placeNow(reader: Reader, signal: AbortSignal): Promise<RecordPlace> {
  const { rows } = await reader.records({ limit: 1, after: null, direction: "descending" }, signal);
  const status = await reader.status(signal);
  const finalized = status.finalized?.number ?? -1n;
  const [newest] = rows;
  return newest
    ? { position: newest.id, block: blockMark(newest.blockHash), finalized }
    : { position: -1n, block: 0n, finalized };
}

/**
 * Nothing is lost, doubled or left standing over any number of reorgs, because every step asks the store whether the last record
 * told is still in the same block. That question comes after the read: a page that a reorg overtook is thrown away unseen.
 */
export function createRecordFeed(reader: Reader, options: RecordFeedOptions): RecordFeed {
  const { signal } = options;
  let place = options.from;
  let told: RecordPlace[] = place.block === 0n ? [] : [place];

  return {
    place: () => place,
    drain: async function* () {
      for (;;) {
        const page = await reader.records(
          { limit: PAGE_SIZE, after: place.position, direction: "ascending", dataId: options.dataId },
          signal,
        );
        const standing = await lastStanding();
        if (standing !== place) {
          const aboveBlock = standing ? blockOf(standing.position) : place.finalized;
          place = standing ?? placeBefore(aboveBlock + 1n);
          yield { type: "RETRACTED", aboveBlock, place };
          continue;
        }
        if (page.rows.length === 0) return;
        const finalized = (await reader.status(signal)).finalized?.number ?? -1n;
        for (const record of page.rows) {
          place = { position: record.id, block: blockMark(record.blockHash), finalized };
          told.push(place);
          if (told.length > REMEMBERED) told = told.slice(-REMEMBERED / 2);
          yield { type: "ADDED", record, place };
        }
      }
    },
  };

  /** The newest place told that the chain still holds; null where none of those remembered does. Forgets the others. */
  async function lastStanding(): Promise<RecordPlace | null> {
    if (place.block === 0n) return place;
    if (await stands(place)) return place;
    const rows = await reader.recordsById(
      told.map(({ position }) => position),
      signal,
    );
    told = told.filter(({ block }, i) => {
      const row = rows[i];
      return row !== null && row !== undefined && blockMark(row.blockHash) === block;
    });
    return told.at(-1) ?? null;
  }

  async function stands({ position, block }: RecordPlace): Promise<boolean> {
    const [row] = await reader.recordsById([position], signal);
    return row !== null && row !== undefined && blockMark(row.blockHash) === block;
  }
}
