import canonicalize from "canonicalize";
import { concatBytes, utf8 } from "./bytes.ts";
import { StemmaError } from "./errors.ts";
import { sha256 } from "./hash.ts";

const SALT_BYTES = 32;

/**
 * Commitment to data that stays off chain: `SHA-256(salt || data)`. Whoever destroys the salt makes the commitment say nothing
 * about the data any more, so the salt MUST be random and never go on chain.
 *
 * @throws INVALID_SALT where the salt isn't 32 bytes: a shorter one would blur where it ends and the data starts.
 */
export function commit(salt: Uint8Array, data: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new StemmaError("INVALID_SALT", { bytes: salt.length });
  return sha256(concatBytes(salt, data));
}

/**
 * Commitment to a JSON value, in its RFC 8785 form, so that the order of keys and the spacing don't matter.
 *
 * @throws INVALID_SALT, NOT_CANONICAL where the value has no JSON form (undefined, functions, NaN, lone surrogates).
 */
export function commitJson(salt: Uint8Array, value: unknown): Uint8Array {
  return commit(salt, utf8(canonicalJson(value)));
}

/** A JSON value's one text by RFC 8785. @throws NOT_CANONICAL */
function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new StemmaError("NOT_CANONICAL", { reason: String(cause) }, { cause });
  }
  if (text === undefined)
    throw new StemmaError("NOT_CANONICAL", { reason: `${typeof value} has no JSON form` });
  return text;
}
