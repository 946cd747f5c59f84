import { StemmaError } from "../errors.ts";
import { nodeHash } from "./hash.ts";

/** Reads the root of a complete subtree: of the leaves from `index * 2^level` to `(index + 1) * 2^level`. */
export type ReadNode = (level: number, index: bigint) => Promise<Uint8Array>;

/** Leaves from `from` up to but without `to`. */
type Range = { readonly from: bigint; readonly to: bigint };

/**
 * Inclusion proof of RFC 9162 section 2.1.3.1: the leaf's sibling first, the root's child last.
 *
 * @throws INDEX_OUT_OF_RANGE, and what `readNode` throws.
 */
export async function inclusionPath(index: bigint, size: bigint, readNode: ReadNode): Promise<Uint8Array[]> {
  if (index < 0n || index >= size) throw new StemmaError("INDEX_OUT_OF_RANGE", { index, size });
  const siblings: Range[] = [];
  let range: Range = { from: 0n, to: size };
  while (range.to - range.from > 1n) {
    const middle = range.from + splitOf(range.to - range.from);
    const left = { from: range.from, to: middle };
    const right = { from: middle, to: range.to };
    const goLeft = index < middle;
    siblings.unshift(goLeft ? right : left);
    range = goLeft ? left : right;
  }
  return readRanges(siblings, readNode);
}

/**
 * Consistency proof of RFC 9162 section 2.1.4.1 between two sizes of one log; empty where they are equal.
 *
 * @throws SIZE_OUT_OF_RANGE where `from` is 0 (nothing to be consistent with) or above `to`; and what `readNode` throws.
 */
export async function consistencyPath(from: bigint, to: bigint, readNode: ReadNode): Promise<Uint8Array[]> {
  if (from < 1n || from > to) throw new StemmaError("SIZE_OUT_OF_RANGE", { from, to });
  const ranges: Range[] = [];
  let range: Range = { from: 0n, to };
  // Once the walk has turned right, the old tree's part is a subtree whose root the verifier doesn't know.
  let rootKnown = true;
  while (range.to !== from) {
    const middle = range.from + splitOf(range.to - range.from);
    if (from <= middle) {
      ranges.unshift({ from: middle, to: range.to });
      range = { from: range.from, to: middle };
    } else {
      ranges.unshift({ from: range.from, to: middle });
      range = { from: middle, to: range.to };
      rootKnown = false;
    }
  }
  if (!rootKnown) ranges.unshift(range);
  return readRanges(ranges, readNode);
}

function readRanges(ranges: readonly Range[], readNode: ReadNode): Promise<Uint8Array[]> {
  return Promise.all(ranges.map((range) => rangeRoot(range, readNode)));
}

/** Root of a range that starts at a multiple of the power of two at or above its length, as all ranges of a proof do. */
async function rangeRoot({ from, to }: Range, readNode: ReadNode): Promise<Uint8Array> {
  const length = to - from;
  const level = length.toString(2).length - 1;
  if (length === 1n << BigInt(level)) return readNode(level, from >> BigInt(level));
  const middle = from + splitOf(length);
  const [left, right] = await Promise.all([
    rangeRoot({ from, to: middle }, readNode),
    rangeRoot({ from: middle, to }, readNode),
  ]);
  return nodeHash(left, right);
}

/** The largest power of two below `length`, which is at least 2. */
function splitOf(length: bigint): bigint {
  return 1n << BigInt((length - 1n).toString(2).length - 1);
}
