import { decodeBase64, encodeBase64 } from "./base64.ts";
import { bytesToHex, equalBytes, type Hex, utf8 } from "./bytes.ts";
import { StemmaError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import { type NoteSignature, type NoteSigner, parseNote, signNote, verifyNote } from "./signedNote.ts";
import { EMPTY_ROOT, HASH_BYTES } from "./tree/hash.ts";

const MAX_SIZE = 1n << 64n;

/** A log's size and root (c2sp.org/tlog-checkpoint). The origin names the log and its key. */
export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Uint8Array };

export type ParsedCheckpoint = Checkpoint & {
  /** Lines after the root, which Stemma neither writes nor reads. */
  readonly extensions: readonly string[];
  readonly signatures: readonly NoteSignature[];
};

/** Name of a log on chain: SHA-256 of its origin. */
export function logId(origin: string): Hex {
  return bytesToHex(sha256(utf8(origin)));
}

/**
 * Writes and signs a checkpoint. Two inconsistent checkpoints MUST never be signed: persist before showing, one writer only.
 *
 * @throws CHECKPOINT_MALFORMED where the parts make no checkpoint, or the signer's name isn't the origin.
 */
export function signCheckpoint({ origin, size, root }: Checkpoint, signer: NoteSigner): string {
  if (signer.name !== origin) throw malformed("the key's name isn't the origin");
  const text = `${origin}\n${size}\n${encodeBase64(root)}\n`;
  parseText(text);
  return signNote(text, [signer]);
}

/** Reads a checkpoint without checking any signature. @throws NOTE_MALFORMED, CHECKPOINT_MALFORMED */
export function parseCheckpoint(note: string): ParsedCheckpoint {
  const { text, signatures } = parseNote(note);
  return { ...parseText(text), signatures };
}

/**
 * Reads a checkpoint that the log itself has signed: one of the keys given, with the origin as its name.
 *
 * @throws NOTE_MALFORMED, CHECKPOINT_MALFORMED, NOTE_KEY_INVALID
 * @throws NOTE_SIGNATURE_INVALID, NOTE_UNSIGNED, CHECKPOINT_FOREIGN
 */
export function verifyCheckpoint(note: string, vkeys: readonly string[]): ParsedCheckpoint {
  const { signedBy } = verifyNote(note, vkeys);
  const checkpoint = parseCheckpoint(note);
  if (!signedBy.includes(checkpoint.origin)) {
    throw new StemmaError("CHECKPOINT_FOREIGN", { origin: checkpoint.origin, keys: signedBy.join(", ") });
  }
  return checkpoint;
}

function parseText(text: string): Checkpoint & { extensions: string[] } {
  const [origin = "", sizeText = "", rootText = "", ...extensions] = text.slice(0, -1).split("\n");
  if (origin === "") throw malformed("it has no origin");
  if (!/^(0|[1-9]\d{0,19})$/.test(sizeText)) throw malformed("the size isn't a plain decimal number");
  const size = BigInt(sizeText);
  if (size >= MAX_SIZE) throw malformed("the size doesn't fit 64 bits");
  const root = decodeBase64(rootText);
  if (root?.length !== HASH_BYTES) throw malformed("the root isn't 32 bytes of base64");
  if (size === 0n && !equalBytes(root, EMPTY_ROOT)) throw malformed("an empty log has another root");
  if (extensions.includes("")) throw malformed("it has an empty extension line");
  return { origin, size, root, extensions };
}

function malformed(reason: string): StemmaError {
  return new StemmaError("CHECKPOINT_MALFORMED", { reason });
}
