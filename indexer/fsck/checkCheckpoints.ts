import { bytesToHex, equalBytes } from "../../protocol/bytes.ts";
import { verifyCheckpoint } from "../../protocol/checkpoint.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { readNodeFromTiles } from "../../protocol/tiles.ts";
import { EMPTY_ROOT, nodeHash } from "../../protocol/tree/hash.ts";
import { levelsOf } from "../../protocol/tree/tree.ts";
import type { Ownership } from "../model/store.ts";
import type { Store } from "../store/index.ts";
import type { InspectedRow, Inspection } from "../store/inspect.ts";
import type { Difference } from "./difference.ts";

/** Root of the first `size` entries of a stored tree; null where it is smaller. */
export type RootOf = (size: bigint) => Promise<Uint8Array | null>;

/** Roots of a store's tree at any size, from its tiles. */
export function createRootOf(log: Store["log"], treeSize: bigint): RootOf {
  const readNode = readNodeFromTiles(log.readTile);
  return async (size) => {
    if (size > treeSize) return null;
    if (size === 0n) return EMPTY_ROOT;
    let at = 0n;
    const nodes: Uint8Array[] = [];
    // Complete subtrees from left to right, the largest first: RFC 9162, section 2.1.1 joins them from the right.
    for (const level of levelsOf(size)) {
      nodes.push(await readNode(level, at >> BigInt(level)));
      at += 1n << BigInt(level);
    }
    return nodes.reduceRight((right, left) => nodeHash(left, right));
  };
}

/** Every checkpoint's root, size, origin and signature, against the tree that the chain gives. */
export async function* checkCheckpoints(
  found: Inspection,
  rootOf: RootOf,
  owner: Ownership,
): AsyncGenerator<Difference> {
  for await (const row of found.rows("checkpoint")) {
    const size = BigInt(String(row.size));
    const problem = await problemOf(row, size, rootOf, owner);
    if (problem !== null)
      yield { where: "checkpoint", key: size.toString(), problem: "changed", detail: problem };
  }
}

async function problemOf(
  row: InspectedRow,
  size: bigint,
  rootOf: RootOf,
  owner: Ownership,
): Promise<string | null> {
  const root = await rootOf(size);
  if (root === null) return "the chain gives fewer entries than this checkpoint covers";
  if (!(row.root instanceof Uint8Array) || !equalBytes(row.root, root)) {
    return `root is ${row.root instanceof Uint8Array ? bytesToHex(row.root) : "missing"}, the entries give ${bytesToHex(root)}`;
  }
  try {
    const note = verifyCheckpoint(String(row.note), [owner.logKey]);
    if (note.origin !== owner.logOrigin) return `the note is of ${note.origin}`;
    if (note.size !== size) return `the note says size ${note.size}`;
    return equalBytes(note.root, root) ? null : `the note says root ${bytesToHex(note.root)}`;
  } catch (error) {
    if (!isStemmaError(error)) throw error;
    return `the note doesn't verify: ${error.message}`;
  }
}
