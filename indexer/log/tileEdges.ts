import { TILE_HEIGHT, TILE_WIDTH } from "../../protocol/tiles.ts";
import { HASH_BYTES } from "../../protocol/tree/hash.ts";
import type { NodeListener } from "../../protocol/tree/tree.ts";
import type { Tile } from "../model/log.ts";

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
      const hashes = joinParts(edge, parts);
      let index = (first - BigInt(edge.length / HASH_BYTES)) / BigInt(TILE_WIDTH);
      for (let from = 0; from < hashes.length; from += TILE_WIDTH * HASH_BYTES) {
        const tile = hashes.subarray(from, from + TILE_WIDTH * HASH_BYTES);
        tiles.push({ level, index: index++, width: tile.length / HASH_BYTES, hashes: tile });
      }
      // A copy, so that the edge doesn't keep the whole batch in memory.
      const rest = hashes.length % (TILE_WIDTH * HASH_BYTES);
      nextEdges.set(level, hashes.slice(hashes.length - rest));
    }
    return { tiles, edges: nextEdges };
  }

  return { onNodes, finish };
}

function joinParts(edge: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(parts.reduce((length, part) => length + part.length, edge.length));
  hashes.set(edge);
  let at = edge.length;
  for (const part of parts) {
    hashes.set(part, at);
    at += part.length;
  }
  return hashes;
}
