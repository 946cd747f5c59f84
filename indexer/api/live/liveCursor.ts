import { StemmaError } from "../../../protocol/errors.ts";
import { type PositionId, positionOf } from "../../model/position.ts";

const RECORD_CURSOR_VERSION = 0x11;
const STATE_CURSOR_VERSION = 0x12;
const WORD = 8;

/**
 * Where a feed of records stands. `block` (the first 8 bytes of the block hash of the record at `position`) tells whether that
 * record is still there; `finalized` is where to go back to if it isn't. `block` is 0 where there is nothing to check.
 */
export type RecordPlace = {
  readonly position: PositionId;
  readonly block: bigint;
  readonly finalized: bigint;
};

/** Where a feed of states stands: for each state the part of the log that has been told. */
export type StatePlace = {
  readonly accepted: RecordPlace;
  readonly sequenced: bigint;
  readonly integrated: bigint;
  readonly anchored: bigint;
  readonly final: bigint;
};

/** The place before the first record of a block. */
export function placeBefore(block: bigint): RecordPlace {
  return { position: positionOf(block, 0) - 1n, block: 0n, finalized: block - 1n };
}

export function encodeRecordCursor(place: RecordPlace): string {
  return encode(RECORD_CURSOR_VERSION, recordWords(place));
}

/** @throws CURSOR_INVALID */
export function decodeRecordCursor(cursor: string, argument: string): RecordPlace {
  const [position = 0n, block = 0n, finalized = 0n] = decode(cursor, RECORD_CURSOR_VERSION, 3, argument);
  return { position, block, finalized };
}

export function encodeStateCursor(place: StatePlace): string {
  const { accepted, sequenced, integrated, anchored, final } = place;
  return encode(STATE_CURSOR_VERSION, [...recordWords(accepted), sequenced, integrated, anchored, final]);
}

/** @throws CURSOR_INVALID */
export function decodeStateCursor(cursor: string, argument: string): StatePlace {
  const words = decode(cursor, STATE_CURSOR_VERSION, 7, argument);
  const [
    position = 0n,
    block = 0n,
    finalized = 0n,
    sequenced = 0n,
    integrated = 0n,
    anchored = 0n,
    final = 0n,
  ] = words;
  if ([sequenced, integrated, anchored, final].some((size) => size < 0n)) {
    throw new StemmaError("CURSOR_INVALID", { argument });
  }
  return { accepted: { position, block, finalized }, sequenced, integrated, anchored, final };
}

/** First 8 bytes of a block hash, as a signed number. Never 0 for a hash that a chain has. */
export function blockMark(blockHash: Uint8Array): bigint {
  return Buffer.from(blockHash.subarray(0, WORD)).readBigInt64BE(0);
}

function recordWords({ position, block, finalized }: RecordPlace): bigint[] {
  return [position, block, finalized];
}

function encode(version: number, words: readonly bigint[]): string {
  const bytes = Buffer.alloc(1 + words.length * WORD);
  bytes.writeUInt8(version, 0);
  words.forEach((word, i) => {
    bytes.writeBigInt64BE(word, 1 + i * WORD);
  });
  return bytes.toString("base64url");
}

function decode(cursor: string, version: number, words: number, argument: string): bigint[] {
  const bytes = Buffer.from(cursor, "base64url");
  const isGenuine =
    bytes.length === 1 + words * WORD &&
    bytes.readUInt8(0) === version &&
    bytes.toString("base64url") === cursor;
  if (!isGenuine) throw new StemmaError("CURSOR_INVALID", { argument });
  return Array.from({ length: words }, (_, i) => bytes.readBigInt64BE(1 + i * WORD));
}
