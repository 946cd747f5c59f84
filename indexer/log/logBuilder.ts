import { StemmaError } from "../../protocol/errors.ts";
import { KIND_BYTES, LEAF_BYTES } from "../../protocol/leaf.ts";
import type { ReadTile } from "../../protocol/tiles.ts";
import type { LogBatch, LogState, PendingEntry } from "../model/log.ts";
import type { LogHasher } from "./hasher.ts";
import { createTreeBuilder } from "./treeBuilder.ts";

/** Turns final entries into batches that the store can write. Moves on by `commit` alone, as {@link TreeBuilder} does. */
export type LogBuilder = {
  readonly size: bigint;
  readonly root: Uint8Array;
  /**
   * What has to be stored for these entries, in their order: call `commit` once it is durable.
   *
   * @param sequencedAt Milliseconds since 1970.
   * @throws INVALID_LEAF where an entry's kind is unknown or its hash isn't 32 bytes.
   */
  readonly append: (entries: readonly PendingEntry[], sequencedAt: number) => Promise<LogBatch>;
  readonly commit: () => void;
};

/**
 * A builder that goes on where the stored log ends.
 *
 * @throws TILE_MISSING, LOG_STATE_DAMAGED where the stored tiles don't give the stored root.
 * @example
 * const builder = await createLogBuilder({ hasher: await createHasher() }, { state: await log.state(), readTile: log.readTile });
 * const batch = await builder.append(await log.pending(10_000), clock.now());
 * await log.append(batch, epoch);
 * builder.commit();
 */
export async function createLogBuilder(
  { hasher }: { readonly hasher: LogHasher },
  options: { readonly state: Pick<LogState, "size" | "root">; readonly readTile: ReadTile },
): Promise<LogBuilder> {
  const tree = await createTreeBuilder(hasher, options);
  return {
    get size() {
      return tree.size;
    },
    get root() {
      return tree.root;
    },
    append: async (entries, sequencedAt) => {
      const { firstIndex, tiles, root } = await tree.append(encodeLeaves(entries));
      return { firstIndex, entries, tiles, root, sequencedAt };
    },
    commit: tree.commit,
  };
}

/** Leaf data of all entries in one buffer: an array for each would cost more than hashing it. @throws INVALID_LEAF */
export function encodeLeaves(entries: readonly Pick<PendingEntry, "kind" | "hash">[]): Uint8Array {
  const leaves = new Uint8Array(entries.length * LEAF_BYTES);
  let at = 0;
  for (const { kind, hash } of entries) {
    const byte = KIND_BYTES[kind];
    if (byte === undefined || hash.length !== LEAF_BYTES - 1) {
      throw new StemmaError("INVALID_LEAF", { kind: String(kind), bytes: hash.length + 1 });
    }
    leaves[at] = byte;
    leaves.set(hash, at + 1);
    at += LEAF_BYTES;
  }
  return leaves;
}
