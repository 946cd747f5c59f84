import { type EntryKind, KIND_BYTES } from "../../../protocol/leaf.ts";
import type { PendingEntry, Tile } from "../../model/log.ts";
import type { Table } from "./table.ts";

export type IndexedEntry = PendingEntry & { readonly index: bigint; readonly sequencedAt: number };

export const ENTRIES: Table<IndexedEntry> = {
  name: "entry",
  columns: [
    { name: "entry_index", type: "bigint", get: (entry) => entry.index },
    { name: "source_id", type: "bigint", get: (entry) => entry.sourceId },
    { name: "sequenced_at", type: "bigint", get: (entry) => BigInt(entry.sequencedAt) },
    { name: "kind", type: "smallint", get: (entry) => KIND_BYTES[entry.kind] },
    { name: "hash", type: "bytea32", get: (entry) => entry.hash },
  ],
};

export const TILES: Table<Tile> = {
  name: "tile",
  columns: [
    { name: "tile_index", type: "bigint", get: (tile) => tile.index },
    { name: "level", type: "smallint", get: (tile) => tile.level },
    { name: "width", type: "smallint", get: (tile) => tile.width },
    { name: "hashes", type: "bytea", get: (tile) => tile.hashes },
  ],
};

const KINDS = new Map<number, EntryKind>(
  Object.entries(KIND_BYTES).map(([kind, byte]) => [byte, kind as EntryKind]),
);

/** The kind of a stored kind byte. */
export function kindOf(byte: number): EntryKind {
  return KINDS.get(byte) ?? "event";
}
