import { concatBytes } from "./bytes.ts";
import { StemmaError } from "./errors.ts";

/** Kinds of log entries. */
export type EntryKind = "record" | "event" | "access" | "erasure" | "endorsement";

/** Byte that stands before the hash in a leaf. Part of the protocol: never change or reuse one. */
export const KIND_BYTES: Readonly<Record<EntryKind, number>> = {
  record: 1,
  event: 2,
  access: 3,
  erasure: 4,
  endorsement: 5,
};

export const LEAF_BYTES = 33;
const KINDS: ReadonlyMap<number, EntryKind> = new Map(
  (Object.keys(KIND_BYTES) as EntryKind[]).map((kind) => [KIND_BYTES[kind], kind]),
);

/** Leaf data of an entry: the kind byte, then the 32-byte hash. @throws INVALID_LEAF */
export function encodeLeaf(kind: EntryKind, hash: Uint8Array): Uint8Array {
  const byte = KIND_BYTES[kind];
  if (byte === undefined || hash.length !== LEAF_BYTES - 1) {
    throw new StemmaError("INVALID_LEAF", { kind: String(kind), bytes: hash.length + 1 });
  }
  return concatBytes(Uint8Array.of(byte), hash);
}

/** Kind and hash of leaf data. @throws INVALID_LEAF where the length is wrong or the kind unknown. */
export function decodeLeaf(leaf: Uint8Array): { kind: EntryKind; hash: Uint8Array } {
  const kind = KINDS.get(leaf[0] ?? 0);
  if (leaf.length !== LEAF_BYTES || kind === undefined) {
    throw new StemmaError("INVALID_LEAF", { kind: leaf[0] ?? "none", bytes: leaf.length });
  }
  return { kind, hash: leaf.slice(1) };
}
