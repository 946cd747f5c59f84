/**
 * One log in bytes: topics 1 to 3 and the data, one after the other, inside a slab that all logs of a call share. One object serves
 * a whole call, since this is the indexer's innermost loop.
 */
export type LogBytes = {
  readonly slab: Uint8Array;
  readonly view: DataView;
  /** Number of topics, the first one included. */
  topicCount: number;
  /** Offset of topic 1 in the slab. */
  topicsStart: number;
  dataStart: number;
  dataEnd: number;
};

export const WORD = 32;
const ADDRESS_PADDING = 12;
const UINT64_PADDING = 24;
const NOT_A_DIGIT = 16;

/** Value of each character code as a hex digit; 16 where it isn't one. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? NOT_A_DIGIT : digit;
});

/** Writes the bytes of a `0x…` string and returns the offset after them; -1 where the text isn't whole bytes of hex. */
export function writeHex(target: Uint8Array, offset: number, hex: string): number {
  const end = hex.length;
  if (end % 2 !== 0 || hex.charCodeAt(0) !== 0x30 || (hex.charCodeAt(1) | 0x20) !== 0x78) return -1;
  let at = offset;
  let bad = 0;
  for (let i = 2; i < end; i += 2) {
    const high = DIGITS[hex.charCodeAt(i)] ?? NOT_A_DIGIT;
    const low = DIGITS[hex.charCodeAt(i + 1)] ?? NOT_A_DIGIT;
    bad |= high | low;
    target[at++] = (high << 4) | low;
  }
  return bad >= NOT_A_DIGIT ? -1 : at;
}

/** The 32 bytes at `offset`, without a copy. */
export function wordAt(log: LogBytes, offset: number): Uint8Array {
  return log.slab.subarray(offset, offset + WORD);
}

/** Offset of topic `index` (1 to 3). */
export function topicOffset(log: LogBytes, index: number): number {
  return log.topicsStart + (index - 1) * WORD;
}

/** True where the `count` bytes from `offset` are zero. */
export function isZero(log: LogBytes, offset: number, count: number): boolean {
  const { slab } = log;
  for (let i = offset; i < offset + count; i++) if (slab[i] !== 0) return false;
  return true;
}

/** The address in the word at `offset`; undefined where its padding isn't zero. */
export function addressAt(log: LogBytes, offset: number): Uint8Array | undefined {
  if (!isZero(log, offset, ADDRESS_PADDING)) return undefined;
  return log.slab.subarray(offset + ADDRESS_PADDING, offset + WORD);
}

/** The `uint64` in the word at `offset`; undefined beyond 2^63 - 1, which no count or time reaches and the store can't hold. */
export function uint64At(log: LogBytes, offset: number): bigint | undefined {
  if (!isZero(log, offset, UINT64_PADDING) || log.view.getUint8(offset + UINT64_PADDING) > 0x7f)
    return undefined;
  return log.view.getBigUint64(offset + UINT64_PADDING);
}

/** A small number in the word at `offset`, such as an ABI offset or length; undefined from 2^32 on. */
export function uint32At(log: LogBytes, offset: number): number | undefined {
  return isZero(log, offset, WORD - 4) ? log.view.getUint32(offset + WORD - 4) : undefined;
}
