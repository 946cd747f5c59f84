import { StemmaError } from "./errors.ts";

export type Hex = `0x${string}`;

/** 32 zero bytes: "no previous record", "no metadata". */
export const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;

const HEX_DIGITS = "0123456789abcdef";
const MAX_SHOWN_CHARACTERS = 80;
const encoder = new TextEncoder();

/**
 * Bytes of a hex string with `0x` in front, in either case.
 *
 * @throws INVALID_HEX where the text isn't hex, or not of exactly `options.bytes` bytes.
 * @example hexToBytes("0x0aff") // Uint8Array [10, 255]
 */
export function hexToBytes(hex: string, options: { bytes?: number; field?: string } = {}): Uint8Array {
  const digits = typeof hex === "string" && hex.startsWith("0x") ? hex.slice(2) : "?";
  const wrongLength = options.bytes !== undefined && digits.length !== options.bytes * 2;
  if (wrongLength || digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new StemmaError("INVALID_HEX", {
      field: options.field ?? "value",
      bytes: options.bytes ?? "whole",
      given: String(hex).slice(0, MAX_SHOWN_CHARACTERS),
    });
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/** Lower-case hex with `0x` in front. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let digits = "";
  for (const byte of bytes) digits += HEX_DIGITS.charAt(byte >> 4) + HEX_DIGITS.charAt(byte & 15);
  return `0x${digits}`;
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
