import { StemmaError } from "../../protocol/errors.ts";
import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { type ReadTile, TILE_HEIGHT, TILE_WIDTH } from "../../protocol/tiles.ts";
import { restoreTree } from "../../protocol/tree/tree.ts";
import type { LogState, Tile } from "../model/log.ts";
import type { LogHasher } from "./hasher.ts";
import { restoreEdges } from "./restoreEdges.ts";
import { createTileCollector } from "./tileEdges.ts";

/** What an append adds to the log. */
type Growth = {
  readonly firstIndex: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly tiles: readonly Tile[];
};

/**
 * Grows the tree over flat leaf data. It keeps the right edge of the tree only, so its memory doesn't grow with the log.
 *
 * `append` changes nothing by itself: the tree moves on with `commit`, which MUST follow the durable write of what `append` returned.
 * An append that isn't committed is forgotten by the next one.
 */
export type TreeBuilder = {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** @throws INVALID_LEAF where the data isn't whole leaves. */
  readonly append: (leaves: Uint8Array) => Promise<Growth>;
  readonly commit: () => void;
};

/** A builder that goes on where the stored log ends. @throws TILE_MISSING, LOG_STATE_DAMAGED */
export async function createTreeBuilder(
  hasher: LogHasher,
  { state, readTile }: { state: Pick<LogState, "size" | "root">; readTile: ReadTile },
): Promise<TreeBuilder> {
  const restored = await restoreEdges(state, readTile, hasher);
  let committed = {
    size: state.size,
    root: Uint8Array.from(state.root),
    frontier: restored.tree.frontier(),
    edges: restored.edges,
  };
  let pending = committed;
  let isAppending = false;

  async function grow(leaves: Uint8Array): Promise<Growth> {
    const { size: firstIndex, frontier, edges } = committed;
    const tree = restoreTree({ size: firstIndex, frontier }, hasher);
    const collector = createTileCollector(edges);
    const count = leaves.length / LEAF_BYTES;
    // Whole tiles may go to workers; what stands before and after them is less than a tile each.
    const head = Math.min(count, (TILE_WIDTH - Number(firstIndex % BigInt(TILE_WIDTH))) % TILE_WIDTH);
    const body = count - head - ((count - head) % TILE_WIDTH);
    const bodyStart = head * LEAF_BYTES;
    const bodyEnd = bodyStart + body * LEAF_BYTES;
    tree.appendLeafHashes(hasher.hashLeaves(leaves.subarray(0, bodyStart)), collector.onNodes);
    if (body > 0) {
      const { leafHashes, roots } = await hasher.hashTiles(leaves.subarray(bodyStart, bodyEnd));
      collector.onNodes(0, tree.size, leafHashes);
      tree.appendSubtrees(TILE_HEIGHT, roots, collector.onNodes);
    }
    tree.appendLeafHashes(hasher.hashLeaves(leaves.subarray(bodyEnd)), collector.onNodes);
    const { tiles, edges: nextEdges } = collector.finish();
    const root = Uint8Array.from(tree.root());
    pending = { size: tree.size, root, frontier: tree.frontier(), edges: nextEdges };
    return { firstIndex, size: tree.size, root, tiles };
  }

  return {
    get size() {
      return committed.size;
    },
    get root() {
      return Uint8Array.from(committed.root);
    },
    append: async (leaves) => {
      if (leaves.length % LEAF_BYTES !== 0) {
        throw new StemmaError("INVALID_LEAF", { kind: "unknown", bytes: leaves.length % LEAF_BYTES });
      }
      if (isAppending)
        throw new StemmaError("ASSERTION_FAILED", { what: "two appends to the log at the same time" });
      isAppending = true;
      try {
        return await grow(leaves);
      } finally {
        isAppending = false;
      }
    },
    commit: () => {
      committed = pending;
    },
  };
}
