import { StemmaError } from "./errors.ts";

export type Hex = `0x${string}`;

/** 32 zero bytes: "no previous record", "no metadata". */
export const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;

/** The two digits of every byte. */
const BYTE_DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);
/** Value of a digit by its character code; -1 for what is none. */
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase()),
);
const MAX_SHOWN_CHARACTERS = 80;
const encoder = new TextEncoder();

/**
 * Bytes of a hex string with `0x` in front, in either case.
 *
 * @throws INVALID_HEX where the text isn't hex, or not of exactly `options.bytes` bytes.
 * @example hexToBytes("0x0aff") // Uint8Array [10, 255]
 */
export function hexToBytes(hex: string, options: { bytes?: number; field?: string } = {}): Uint8Array {
  const length = typeof hex === "string" && hex.startsWith("0x") ? (hex.length - 2) / 2 : Number.NaN;
  const isExpected = Number.isInteger(length) && (options.bytes === undefined || options.bytes === length);
  const bytes = new Uint8Array(isExpected ? length : 0);
  // Negative as soon as one character is no digit: checked once, at the end.
  let seen = 0;
  for (let i = 0, at = 2; i < bytes.length; i++, at += 2) {
    const byte = (digitAt(hex, at) << 4) | digitAt(hex, at + 1);
    seen |= byte;
    bytes[i] = byte;
  }
  if (isExpected && seen >= 0) return bytes;
  throw new StemmaError("INVALID_HEX", {
    field: options.field ?? "value",
    bytes: options.bytes ?? "whole",
    given: String(hex).slice(0, MAX_SHOWN_CHARACTERS),
  });
}

/** Lower-case hex with `0x` in front. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let hex = "0x";
  for (let i = 0; i < bytes.length; i++) hex += BYTE_DIGITS[bytes[i] ?? 0];
  return hex as Hex;
}

/** All parts, one after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** True where both hold the same bytes. Not constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Order of `a` and `b` as unsigned big-endian numbers of equal length: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return code < DIGIT_VALUES.length ? (DIGIT_VALUES[code] ?? -1) : -1;
}
