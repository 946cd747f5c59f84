import { concatBytes } from "./bytes.ts";
import { StemmaError } from "./errors.ts";

/** A value of Ethereum's recursive length prefix encoding: bytes, or a list of values. */
export type RlpItem = Uint8Array | readonly RlpItem[];

const SHORT_BYTES = 55;
const BYTES_OFFSET = 0x80;
const LIST_OFFSET = 0xc0;
/** Deeper than any structure of a chain; keeps hostile input from exhausting the stack. */
const MAX_DEPTH = 16;

/** RLP of an item (Ethereum yellow paper, appendix B). */
export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) {
    const [first] = item;
    const isOwnCode = item.length === 1 && first !== undefined && first < BYTES_OFFSET;
    return isOwnCode ? item : concatBytes(prefix(BYTES_OFFSET, item.length), item);
  }
  const body = concatBytes(...item.map(encodeRlp));
  return concatBytes(prefix(LIST_OFFSET, body.length), body);
}

/** Big-endian bytes of an integer without leading zeros, as RLP wants them: none for zero. */
export function integerBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return Uint8Array.from(bytes);
}

/**
 * The one item that the bytes hold. Only the canonical encoding is taken, so that what is encoded again gives the same bytes.
 *
 * @throws RLP_MALFORMED
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const { item, end } = readItem(bytes, 0, 0);
  if (end !== bytes.length) throw malformed("bytes are left over");
  return item;
}

function readItem(bytes: Uint8Array, at: number, depth: number): { item: RlpItem; end: number } {
  if (depth > MAX_DEPTH) throw malformed("it is nested too deeply");
  const code = bytes[at];
  if (code === undefined) throw malformed("it is cut off");
  if (code < BYTES_OFFSET) return { item: bytes.slice(at, at + 1), end: at + 1 };
  const isList = code >= LIST_OFFSET;
  const { start, end } = readExtent(bytes, at, code - (isList ? LIST_OFFSET : BYTES_OFFSET));
  if (!isList) {
    const [first] = bytes.subarray(start, end);
    if (end - start === 1 && first !== undefined && first < BYTES_OFFSET)
      throw malformed("a byte is encoded at length");
    return { item: bytes.slice(start, end), end };
  }
  const items: RlpItem[] = [];
  for (let next = start; next < end; ) {
    const inner = readItem(bytes.subarray(0, end), next, depth + 1);
    items.push(inner.item);
    next = inner.end;
  }
  return { item: items, end };
}

function readExtent(bytes: Uint8Array, at: number, size: number): { start: number; end: number } {
  const lengthBytes = Math.max(0, size - SHORT_BYTES);
  const start = at + 1 + lengthBytes;
  let length = size;
  if (lengthBytes > 0) {
    // Six bytes of length are more than memory holds and still an exact number.
    if (lengthBytes > 6 || start > bytes.length) throw malformed("it is cut off");
    length = bytes.subarray(at + 1, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (bytes[at + 1] === 0 || length <= SHORT_BYTES) throw malformed("a length isn't in its shortest form");
  }
  if (start + length > bytes.length) throw malformed("it is cut off");
  return { start, end: start + length };
}

function prefix(offset: number, length: number): Uint8Array {
  if (length <= SHORT_BYTES) return Uint8Array.of(offset + length);
  const lengthBytes = integerBytes(BigInt(length));
  return concatBytes(Uint8Array.of(offset + SHORT_BYTES + lengthBytes.length), lengthBytes);
}

function malformed(reason: string): StemmaError {
  return new StemmaError("RLP_MALFORMED", { reason });
}
