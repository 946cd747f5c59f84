import { type ReadTile, readNodeFromTiles } from "../../protocol/tiles.ts";
import { consistencyPath, inclusionPath } from "../../protocol/tree/paths.ts";

/**
 * Inclusion proof of an entry in the log as it was at `size`, from stored tiles.
 *
 * @throws INDEX_OUT_OF_RANGE, TILE_MISSING
 */
export function inclusionProof(readTile: ReadTile, index: bigint, size: bigint): Promise<Uint8Array[]> {
  return inclusionPath(index, size, readNodeFromTiles(readTile));
}

/**
 * Consistency proof between two sizes of the log, from stored tiles.
 *
 * @throws SIZE_OUT_OF_RANGE, TILE_MISSING
 */
export function consistencyProof(readTile: ReadTile, from: bigint, to: bigint): Promise<Uint8Array[]> {
  return consistencyPath(from, to, readNodeFromTiles(readTile));
}
