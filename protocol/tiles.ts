import { StemmaError } from "./errors.ts";
import { HASH_BYTES, nodeHash } from "./tree/hash.ts";
import type { ReadNode } from "./tree/paths.ts";

/** Hashes in a full tile: 2^8, so that a tile holds eight levels of the tree (c2sp.org/tlog-tiles). */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
const MAX_LEVEL = 63;
/** Sizes and indices are 64-bit (RFC 9162 section 2.1.3). */
const MAX_INDEX = 1n << 64n;

/** A tile as it is stored: `width` hashes, the roots of complete subtrees of `256^level` leaves. */
export type TileHashes = { readonly width: number; readonly hashes: Uint8Array };
/** Returns a tile, the widest one that is stored; null where there is none. */
export type ReadTile = (level: number, index: bigint) => Promise<TileHashes | null>;

export type TileAddress = { readonly level: number; readonly index: bigint; readonly width: number };

/** `tile/<level>/<index>`, with `.p/<width>` for a tile that isn't full. */
export function tilePath(level: number, index: bigint, width: number = TILE_WIDTH): string {
  return `tile/${level}/${groupsOf(index)}${partialSuffix(width)}`;
}

/** `tile/entries/<index>`, with `.p/<width>` for a bundle that isn't full. */
export function entriesPath(index: bigint, width: number = TILE_WIDTH): string {
  return `tile/entries/${groupsOf(index)}${partialSuffix(width)}`;
}

/**
 * Reads a path of {@link tilePath} or {@link entriesPath}, strictly: one tile has one path.
 *
 * @throws TILE_PATH_INVALID
 */
export function parseTilePath(path: string): { level: number | "entries"; index: bigint; width: number } {
  const match = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,6}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  const [, level = "", groups = "", partial] = match ?? [];
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const index = BigInt(groups.replaceAll(/[x/]/g, ""));
  const isBad =
    !match ||
    (level !== "entries" && Number(level) > MAX_LEVEL) ||
    (partial !== undefined && width >= TILE_WIDTH) ||
    index >= MAX_INDEX ||
    groupsOf(index) !== groups;
  if (isBad) throw new StemmaError("TILE_PATH_INVALID", { given: path.slice(0, 80) });
  return { level: level === "entries" ? level : Number(level), index, width };
}

/** Number of hashes that a tile has in a log of `size` entries: 0 where the tile doesn't exist yet. */
export function tileWidth(level: number, index: bigint, size: bigint): number {
  const hashes = (size >> BigInt(TILE_HEIGHT * level)) - index * BigInt(TILE_WIDTH);
  if (hashes <= 0n) return 0;
  return hashes >= BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(hashes);
}

/** Every tile that isn't full in a log of `size` entries, by rising level. They hold all there is to know to go on appending. */
export function partialTiles(size: bigint): TileAddress[] {
  const tiles: TileAddress[] = [];
  for (let level = 0, count = size; count > 0n; level++, count >>= BigInt(TILE_HEIGHT)) {
    const width = Number(count % BigInt(TILE_WIDTH));
    if (width > 0) tiles.push({ level, index: count >> BigInt(TILE_HEIGHT), width });
  }
  return tiles;
}

/** Where a node of the tree is found: the tile, and which of its hashes the node covers. */
export function tileOfNode(
  level: number,
  index: bigint,
): { level: number; index: bigint; offset: number; count: number } {
  const count = 1 << (level % TILE_HEIGHT);
  const first = index * BigInt(count);
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: first >> BigInt(TILE_HEIGHT),
    offset: Number(first % BigInt(TILE_WIDTH)),
    count,
  };
}

/**
 * A node's hash, from the tile that holds it.
 *
 * @throws TILE_MISSING where the tile doesn't reach that far.
 */
export function nodeInTile(tile: TileHashes, level: number, index: bigint): Uint8Array {
  const place = tileOfNode(level, index);
  const end = place.offset + place.count;
  if (end > tile.width || tile.hashes.length !== tile.width * HASH_BYTES) {
    throw new StemmaError("TILE_MISSING", { path: tilePath(place.level, place.index, end) });
  }
  let nodes: Uint8Array[] = [];
  for (let i = place.offset; i < end; i++)
    nodes.push(tile.hashes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  while (nodes.length > 1) {
    nodes = nodes.flatMap((left, i) => {
      const right = nodes[i + 1];
      return i % 2 === 0 && right ? [nodeHash(left, right)] : [];
    });
  }
  return nodes[0] ?? new Uint8Array(0);
}

/**
 * Nodes read through tiles, each tile once. Make a new reader for each proof: it keeps the tiles, which grow.
 *
 * @throws TILE_MISSING from the reader, and what `readTile` throws.
 */
export function readNodeFromTiles(readTile: ReadTile): ReadNode {
  const tiles = new Map<string, Promise<TileHashes | null>>();
  return async (level, index) => {
    const place = tileOfNode(level, index);
    const path = tilePath(place.level, place.index);
    const pending = tiles.get(path) ?? readTile(place.level, place.index);
    tiles.set(path, pending);
    const tile = await pending;
    if (!tile) throw new StemmaError("TILE_MISSING", { path });
    return nodeInTile(tile, level, index);
  };
}

/** Groups of three digits, all but the last with an `x`: 1234067 -> x001/x234/067. */
function groupsOf(index: bigint): string {
  const digits = index.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/\d{3}/g) ?? [];
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
}

function partialSuffix(width: number): string {
  return width < TILE_WIDTH ? `.p/${width}` : "";
}
