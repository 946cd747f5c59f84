import { bytesToHex, compareBytes, concatBytes, type Hex, hexToBytes } from "./bytes.ts";
import { StemmaError } from "./errors.ts";
import { keccak256 } from "./hash.ts";

/** `parentsHash` of a record without parents: `keccak256("")`. */
export const NO_PARENTS_HASH: Hex = bytesToHex(keccak256(new Uint8Array(0)));

/**
 * Commitment to the parents of a record: `keccak256` of their hashes, packed. They MUST be strictly ascending, so that a set of
 * parents has one hash only; {@link sortParents} brings them there.
 *
 * @throws INVALID_HEX, PARENTS_NOT_ASCENDING
 */
export function parentsHash(parents: readonly Hex[]): Hex {
  const hashes = parents.map(parentBytes);
  hashes.forEach((hash, index) => {
    const before = hashes[index - 1];
    if (before && compareBytes(before, hash) >= 0) throw new StemmaError("PARENTS_NOT_ASCENDING", { index });
  });
  return bytesToHex(keccak256(concatBytes(...hashes)));
}

/** The parents in ascending order, each once, in lower case. @throws INVALID_HEX */
export function sortParents(parents: readonly Hex[]): Hex[] {
  return [...new Set(parents.map((parent) => bytesToHex(parentBytes(parent))))].sort();
}

function parentBytes(parent: Hex): Uint8Array {
  return hexToBytes(parent, { bytes: 32, field: "parent" });
}
