import { bytesToHex, type Hex, hexToBytes } from "./bytes.ts";
import { StemmaError } from "./errors.ts";

/** Names of at most 31 bytes, so that the last byte of the word is always zero. */
const MAX_BYTES = 31;
const FIRST_PRINTABLE = 0x21;
const LAST_PRINTABLE = 0x7e;

/**
 * The operations that Stemma itself gives a meaning, each with its relation in W3C PROV-DM (section 5). Any other name of 1 to 31
 * printable ASCII characters may be used too, and reads as a derivation.
 */
export const OPERATIONS = {
  CREATE: "wasGeneratedBy",
  TRANSFORM: "wasDerivedFrom",
  DERIVE: "wasDerivedFrom",
  TRANSFER: "wasAttributedTo",
  ACCESS: "used",
  CORRECT: "wasRevisionOf",
  REVOKE: "wasInvalidatedBy",
  ERASE: "wasInvalidatedBy",
} as const;

/**
 * An operation's name as a word: ASCII, left-aligned, padded with zeros. Purposes of access records are encoded the same way.
 *
 * @throws INVALID_OPERATION where the name isn't 1 to 31 printable ASCII characters without spaces.
 */
export function encodeOperation(name: string): Hex {
  const word = new Uint8Array(32);
  if (name.length < 1 || name.length > MAX_BYTES) throw invalid(name);
  for (let i = 0; i < name.length; i++) {
    const character = name.charCodeAt(i);
    if (!isPrintable(character)) throw invalid(name);
    word[i] = character;
  }
  return bytesToHex(word);
}

/**
 * The name in an operation's word.
 *
 * @throws INVALID_HEX, INVALID_OPERATION where the word holds no name, unprintable bytes, or anything after its padding starts.
 */
export function decodeOperation(operation: Hex | Uint8Array): string {
  const word =
    typeof operation === "string" ? hexToBytes(operation, { bytes: 32, field: "operation" }) : operation;
  const end = word.indexOf(0);
  const name = end < 1 ? undefined : word.subarray(0, end);
  if (word.length !== 32 || !name?.every(isPrintable) || word.subarray(end).some((byte) => byte !== 0)) {
    throw invalid(bytesToHex(word));
  }
  return String.fromCharCode(...name);
}

function isPrintable(character: number): boolean {
  return character >= FIRST_PRINTABLE && character <= LAST_PRINTABLE;
}

function invalid(given: string): StemmaError {
  return new StemmaError("INVALID_OPERATION", { given: given.slice(0, 80), maxBytes: MAX_BYTES });
}
