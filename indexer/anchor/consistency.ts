import { equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { readNodeFromTiles } from "../../protocol/tiles.ts";
import { verifyConsistency } from "../../protocol/tree/consistency.ts";
import { consistencyPath } from "../../protocol/tree/paths.ts";
import type { LogStore } from "../model/store.ts";

type SizedRoot = { readonly size: bigint; readonly root: Uint8Array };

/**
 * RFC 9162 consistency proof from the last anchored checkpoint to a new one, read from the stored tiles. Empty for a log's first
 * anchor. It is checked here with the contract's own rule, so that gas is never spent on a log that was changed.
 *
 * @throws ANCHORING_INCONSISTENT where our tree doesn't extend what the chain holds; TILE_MISSING
 */
export async function proveExtension(
  log: Pick<LogStore, "readTile">,
  { from, to }: { from: SizedRoot; to: SizedRoot },
): Promise<readonly Uint8Array[]> {
  if (from.size === 0n) return [];
  if (from.size === to.size && equalBytes(from.root, to.root)) return [];
  const claim = { fromSize: from.size, fromRoot: from.root, toSize: to.size, toRoot: to.root };
  const path =
    from.size < to.size ? await consistencyPath(from.size, to.size, readNodeFromTiles(log.readTile)) : [];
  if (!verifyConsistency({ ...claim, path })) {
    throw new StemmaError("ANCHORING_INCONSISTENT", { fromSize: from.size, toSize: to.size });
  }
  return path;
}
