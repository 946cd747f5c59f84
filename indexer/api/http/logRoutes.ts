import { concatBytes } from "../../../protocol/bytes.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { encodeLeaf } from "../../../protocol/leaf.ts";
import { parseTilePath, TILE_WIDTH, tileWidth } from "../../../protocol/tiles.ts";
import type { EntryRow } from "../../model/reader.ts";
import type { ApiSources } from "../ports.ts";
import type { Answer } from "./respond.ts";

const HASH_BYTES = 32;
const CHECKPOINT_CACHE = "public, max-age=2";
const TILE_CACHE = "public, max-age=31536000, immutable";

/**
 * `/checkpoint`: the newest signed note (c2sp.org/tlog-checkpoint).
 *
 * @throws LOG_NOT_AVAILABLE before the first checkpoint
 */
export async function answerCheckpoint({ log }: ApiSources): Promise<Answer> {
  const checkpoint = await log.latestCheckpoint();
  if (checkpoint === null) throw new StemmaError("LOG_NOT_AVAILABLE", { what: "checkpoint yet" });
  return {
    status: 200,
    type: "text/plain; charset=utf-8",
    body: checkpoint.note,
    headers: { "Cache-Control": CHECKPOINT_CACHE },
  };
}

/**
 * `/tile/<L>/<N>[.p/<W>]` and `/tile/entries/<N>[.p/<W>]` (c2sp.org/tlog-tiles). Serves what the newest checkpoint covers, and a
 * partial tile also where the full one is there already: its hashes never change.
 *
 * @throws TILE_PATH_INVALID, LOG_NOT_AVAILABLE
 */
export async function answerTile(path: string, sources: ApiSources): Promise<Answer> {
  const { level, index, width } = parseTilePath(path);
  const size = (await sources.log.latestCheckpoint())?.size ?? 0n;
  const available = tileWidth(level === "entries" ? 0 : level, index, size);
  if (width > available) throw new StemmaError("LOG_NOT_AVAILABLE", { what: `${path} yet` });
  const body =
    level === "entries"
      ? await readEntryBundle(sources, index, width)
      : await readHashes(sources, { level, index, width, path });
  return { status: 200, type: "application/octet-stream", body, headers: { "Cache-Control": TILE_CACHE } };
}

async function readHashes(
  { log }: ApiSources,
  tile: { readonly level: number; readonly index: bigint; readonly width: number; readonly path: string },
): Promise<Uint8Array> {
  const stored = await log.readTile(tile.level, tile.index);
  if (!stored || stored.width < tile.width) throw new StemmaError("LOG_NOT_AVAILABLE", { what: tile.path });
  return stored.hashes.subarray(0, tile.width * HASH_BYTES);
}

async function readEntryBundle({ reader }: ApiSources, index: bigint, width: number): Promise<Uint8Array> {
  const entries = await reader.entries(index * BigInt(TILE_WIDTH), width);
  if (entries.length !== width) throw new StemmaError("LOG_NOT_AVAILABLE", { what: `entry bundle ${index}` });
  return concatBytes(...entries.map(encodeBundleEntry));
}

/** A u16 length, big-endian, and the leaf data. */
function encodeBundleEntry(entry: EntryRow): Uint8Array {
  const leaf = encodeLeaf(entry.kind, entry.hash);
  return concatBytes(new Uint8Array([leaf.length >> 8, leaf.length & 0xff]), leaf);
}
