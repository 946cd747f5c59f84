import { equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { nodeInTile, partialTiles, type ReadTile, TILE_HEIGHT, tilePath } from "../../protocol/tiles.ts";
import { HASH_BYTES, type TreeHasher } from "../../protocol/tree/hash.ts";
import { restoreTree, type Tree } from "../../protocol/tree/tree.ts";
import type { LogState } from "../model/log.ts";
import type { TileEdges } from "./tileEdges.ts";

/**
 * The right edge of a stored log, from its partial tiles alone: at most eight tiles, whatever the size.
 *
 * @throws TILE_MISSING where a tile isn't there or too narrow.
 * @throws LOG_STATE_DAMAGED where the tiles don't give the stored root.
 */
export async function restoreEdges(
  state: Pick<LogState, "size" | "root">,
  readTile: ReadTile,
  hasher: TreeHasher,
): Promise<{ tree: Tree; edges: TileEdges }> {
  const edges = new Map<number, Uint8Array>();
  const frontier: Uint8Array[] = [];
  for (const { level, index, width } of partialTiles(state.size)) {
    const tile = await readTile(level, index);
    if (!tile || tile.width < width)
      throw new StemmaError("TILE_MISSING", { path: tilePath(level, index, width) });
    const hashes = tile.hashes.slice(0, width * HASH_BYTES);
    edges.set(level, hashes);
    frontier.unshift(...subtreesOf(hashes, level, index));
  }
  const tree = restoreTree({ size: state.size, frontier }, hasher);
  if (!equalBytes(tree.root(), state.root)) throw new StemmaError("LOG_STATE_DAMAGED", { size: state.size });
  return { tree, edges };
}

/** Roots of the complete subtrees in a partial tile, the largest first: one for each bit of its width. */
function subtreesOf(hashes: Uint8Array, tileLevel: number, tileIndex: bigint): Uint8Array[] {
  const width = hashes.length / HASH_BYTES;
  const roots: Uint8Array[] = [];
  let offset = 0;
  for (let height = TILE_HEIGHT - 1; height >= 0; height--) {
    const count = 1 << height;
    if ((width & count) === 0) continue;
    const index = (tileIndex << BigInt(TILE_HEIGHT - height)) + BigInt(offset / count);
    roots.push(nodeInTile({ width, hashes }, tileLevel * TILE_HEIGHT + height, index));
    offset += count;
  }
  return roots;
}
