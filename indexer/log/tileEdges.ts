import { concatBytes } from "../../protocol/bytes.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "../../protocol/tiles.ts";
import { HASH_BYTES } from "../../protocol/tree/hash.ts";
import type { NodeListener } from "../../protocol/tree/tree.ts";
import type { Tile } from "../model/log.ts";

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** The right-most tile of each level, as long as it isn't full: hashes by tile level. */
export type TileEdges = ReadonlyMap<number, Uint8Array>;

/** Gathers the nodes of one append into tiles. */
export type TileCollector = {
  readonly onNodes: NodeListener;
  /** Tiles that are new or wider than before, by rising level and index, and the edges that follow. */
  readonly finish: () => { tiles: Tile[]; edges: TileEdges };
};

/** Collects tiles on top of `edges`. Only roots of complete subtrees reach it, so only full tiles are hashed upward. */
export function createTileCollector(edges: TileEdges): TileCollector {
  const grown = new Map<number, { first: bigint; parts: Uint8Array[] }>();

  const onNodes: NodeListener = (level, first, hashes) => {
    if (level % TILE_HEIGHT !== 0) return;
    const tileLevel = level / TILE_HEIGHT;
    const known = grown.get(tileLevel);
    if (known) known.parts.push(hashes);
    else grown.set(tileLevel, { first, parts: [hashes] });
  };

  function finish(): { tiles: Tile[]; edges: TileEdges } {
    const tiles: Tile[] = [];
    const nextEdges = new Map(edges);
    for (const [level, { first, parts }] of [...grown].sort(([a], [b]) => a - b)) {
      const edge = edges.get(level) ?? new Uint8Array(0);
      let index = (first - BigInt(edge.length / HASH_BYTES)) / BigInt(TILE_WIDTH);
      const cut = cutTiles([edge, ...parts]);
      for (const hashes of cut.full) tiles.push({ level, index: index++, width: TILE_WIDTH, hashes });
      if (cut.rest.length > 0) {
        tiles.push({ level, index, width: cut.rest.length / HASH_BYTES, hashes: cut.rest });
      }
      nextEdges.set(level, cut.rest);
    }
    return { tiles, edges: nextEdges };
  }

  return { onNodes, finish };
}

/**
 * Full tiles and what is left over. A tile that lies within one part is a view of it: nearly all do, and copying them would cost as
 * much as the rest of an append. The rest is a copy, so that it doesn't keep the whole batch in memory.
 */
function cutTiles(parts: readonly Uint8Array[]): { full: Uint8Array[]; rest: Uint8Array } {
  const full: Uint8Array[] = [];
  let rest = new Uint8Array(0);
  for (const part of parts) {
    let at = 0;
    if (rest.length > 0) {
      at = Math.min(TILE_BYTES - rest.length, part.length);
      rest = Uint8Array.from(concatBytes(rest, part.subarray(0, at)));
      if (rest.length < TILE_BYTES) continue;
      full.push(rest);
    }
    for (; at + TILE_BYTES <= part.length; at += TILE_BYTES) full.push(part.subarray(at, at + TILE_BYTES));
    rest = part.slice(at);
  }
  return { full, rest };
}
