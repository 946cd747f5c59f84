import { ed25519 } from "@noble/curves/ed25519.js";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { bytesToHex, concatBytes, utf8 } from "./bytes.ts";
import { StemmaError } from "./errors.ts";
import { sha256 } from "./hash.ts";

/** Limits of Go's note package: a note beyond them is refused before any work is done on it. */
const MAX_NOTE_CHARACTERS = 1_000_000;
const MAX_SIGNATURES = 100;
const ED25519_TYPE = 0x01;
const ED25519_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const SIGNATURE_MARK = "\u2014 ";

export type NoteSignature = {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
};
export type SignedNote = {
  /** What is signed: ends with its newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};
export type NoteSigner = {
  readonly name: string;
  /** Verifier key to publish: name, key id and public key. */
  readonly vkey: string;
  /** The signature line for a text, with its newline. */
  readonly sign: (text: string) => string;
};
export type NoteVerifier = {
  readonly name: string;
  readonly keyId: string;
  readonly verify: (text: string, signature: Uint8Array) => boolean;
};

/**
 * An Ed25519 signer of notes. For a log, `name` is its origin.
 *
 * @throws NOTE_KEY_INVALID where the name can't be a key name, or the seed isn't 32 bytes.
 */
export function createNoteSigner({ name, seed }: { name: string; seed: Uint8Array }): NoteSigner {
  checkKeyName(name);
  if (seed.length !== 32) throw keyInvalid(`a seed has 32 bytes, got ${seed.length}`);
  const publicKey = ed25519.getPublicKey(seed);
  const typedKey = concatBytes(Uint8Array.of(ED25519_TYPE), publicKey);
  const keyId = keyIdOf(name, typedKey);
  return {
    name,
    vkey: `${name}+${bytesToHex(keyId).slice(2)}+${encodeBase64(typedKey)}`,
    sign: (text) => {
      const blob = concatBytes(keyId, ed25519.sign(utf8(text), seed));
      return `${SIGNATURE_MARK}${name} ${encodeBase64(blob)}\n`;
    },
  };
}

/** Reads a verifier key `name+keyid+base64`. @throws NOTE_KEY_INVALID */
export function parseVerifierKey(vkey: string): NoteVerifier {
  const [, name = "", keyId = "", encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(vkey) ?? [];
  checkKeyName(name);
  const typedKey = decodeBase64(encoded);
  if (!typedKey || typedKey[0] !== ED25519_TYPE || typedKey.length !== 1 + ED25519_KEY_BYTES) {
    throw keyInvalid("only Ed25519 keys (type 1, 32 bytes) are supported");
  }
  if (bytesToHex(keyIdOf(name, typedKey)) !== `0x${keyId}`)
    throw keyInvalid("the key id doesn't fit name and key");
  const publicKey = typedKey.slice(1);
  return {
    name,
    keyId,
    verify: (text, signature) => {
      if (signature.length !== 64) return false;
      // RFC 8032 as it stands, not the laxer ZIP 215.
      return ed25519.verify(signature, utf8(text), publicKey, { zip215: false });
    },
  };
}

/**
 * Puts signatures under a text.
 *
 * @param text MUST end with a newline.
 * @throws NOTE_MALFORMED
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  checkCharacters(text);
  if (!text.endsWith("\n")) throw malformed("the text must end with a newline");
  return `${text}\n${signers.map((signer) => signer.sign(text)).join("")}`;
}

/**
 * Takes a note apart without checking any signature (c2sp.org/signed-note).
 *
 * @throws NOTE_MALFORMED
 */
export function parseNote(note: string): SignedNote {
  if (note.length > MAX_NOTE_CHARACTERS) throw malformed("it is too long");
  checkCharacters(note);
  // The text may hold empty lines: the last one separates.
  const separator = note.lastIndexOf("\n\n");
  if (separator < 0) throw malformed("it has no empty line before signatures");
  if (!note.endsWith("\n")) throw malformed("it doesn't end with a newline");
  const lines = note.slice(separator + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text: note.slice(0, separator + 1), signatures: lines.map(parseSignatureLine) };
}

/**
 * Text and verified key names of a note: at least one key given has signed it. Signatures of unknown keys are ignored.
 *
 * @throws NOTE_MALFORMED, NOTE_KEY_INVALID
 * @throws NOTE_SIGNATURE_INVALID where a known key's signature doesn't fit: the note was tampered with.
 * @throws NOTE_UNSIGNED where no known key has signed.
 */
export function verifyNote(note: string, vkeys: readonly string[]): { text: string; signedBy: string[] } {
  const verifiers = vkeys.map(parseVerifierKey);
  const { text, signatures } = parseNote(note);
  const signedBy: string[] = [];
  for (const { name, keyId, signature } of signatures) {
    const known = verifiers.filter((verifier) => verifier.name === name && verifier.keyId === keyId);
    if (known.length === 0) continue;
    // Two keys may share a name and a 32-bit id: one of them must have signed.
    if (!known.some((verifier) => verifier.verify(text, signature))) {
      throw new StemmaError("NOTE_SIGNATURE_INVALID", { name });
    }
    if (!signedBy.includes(name)) signedBy.push(name);
  }
  if (signedBy.length === 0) {
    throw new StemmaError("NOTE_UNSIGNED", { keys: verifiers.length, signatures: signatures.length });
  }
  return { text, signedBy };
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name = "", encoded = ""] = line.startsWith(SIGNATURE_MARK)
    ? (/^([^ ]+) ([^ ]+)$/.exec(line.slice(SIGNATURE_MARK.length)) ?? [])
    : [];
  const blob = decodeBase64(encoded);
  if (!isKeyName(name) || !blob || blob.length <= KEY_ID_BYTES)
    throw malformed("a signature line can't be read");
  return {
    name,
    keyId: bytesToHex(blob.subarray(0, KEY_ID_BYTES)).slice(2),
    signature: blob.slice(KEY_ID_BYTES),
  };
}

/** SHA-256(name || newline || type || public key), its first four bytes. */
function keyIdOf(name: string, typedKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8(`${name}\n`), typedKey)).slice(0, KEY_ID_BYTES);
}

function isKeyName(name: string): boolean {
  // \p{White_Space} holds what Unicode calls a space; \s would also take the byte order mark, which is none.
  return (
    name.length > 0 && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name) && !hasControlCharacter(name)
  );
}

function checkKeyName(name: string): void {
  if (!isKeyName(name)) throw keyInvalid("a key name is not empty and has neither spaces nor a plus sign");
}

function checkCharacters(note: string): void {
  if (!note.isWellFormed()) throw malformed("it isn't valid Unicode");
  if (hasControlCharacter(note)) throw malformed("it holds control characters");
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 && text.charAt(i) !== "\n") return true;
  return false;
}

function malformed(reason: string): StemmaError {
  return new StemmaError("NOTE_MALFORMED", { reason });
}

function keyInvalid(reason: string): StemmaError {
  return new StemmaError("NOTE_KEY_INVALID", { reason });
}
