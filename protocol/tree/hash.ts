import { sha256 } from "../hash.ts";

export const HASH_BYTES = 32;
/** Domain separation of RFC 6962 section 2.1: a leaf can never pass for a node. */
const LEAF_PREFIX = 0x00;
export const NODE_PREFIX = 0x01;

/** Root of a tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/**
 * Hashes many pairs at once: `nodes` holds 2n hashes, `parents` receives n. An implementation may be native or WebAssembly, but MUST
 * give the same bytes as {@link nodeHash}.
 */
export type TreeHasher = {
  readonly hashPairs: (nodes: Uint8Array, parents: Uint8Array) => void;
};

/** SHA-256(0x00 || data), RFC 9162 section 2.1.1. */
export function leafHash(data: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + data.length);
  message[0] = LEAF_PREFIX;
  message.set(data, 1);
  return sha256(message);
}

/** SHA-256(0x01 || left || right), RFC 9162 section 2.1.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + 2 * HASH_BYTES);
  message[0] = NODE_PREFIX;
  message.set(left, 1);
  message.set(right, 1 + HASH_BYTES);
  return sha256(message);
}

/** The hasher of {@link nodeHash}, in plain JavaScript: right everywhere, fast enough for proofs. */
export const plainHasher: TreeHasher = {
  hashPairs(nodes, parents) {
    const message = new Uint8Array(1 + 2 * HASH_BYTES);
    message[0] = NODE_PREFIX;
    for (let from = 0, to = 0; from < nodes.length; from += 2 * HASH_BYTES, to += HASH_BYTES) {
      message.set(nodes.subarray(from, from + 2 * HASH_BYTES), 1);
      parents.set(sha256(message), to);
    }
  },
};
