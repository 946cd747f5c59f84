import { bytesToHex, type Hex } from "../../protocol/bytes.ts";
import { keccak256 } from "../../protocol/hash.ts";
import { encodeRlp, integerBytes, type RlpItem } from "../../protocol/rlp.ts";

type Item = { readonly nibbles: readonly number[]; readonly value: Uint8Array };

const HASH_BYTES = 32;
const EMPTY = new Uint8Array(0);

/**
 * Root of the Merkle-Patricia trie that a block header keeps over a list (its receipts, its transactions): keys are the RLP of the
 * positions. Ethereum yellow paper, appendix D.
 */
export function trieRoot(values: readonly Uint8Array[]): Hex {
  const items = values.map((value, index) => ({
    nibbles: [...encodeRlp(integerBytes(BigInt(index)))].flatMap((byte) => [byte >> 4, byte & 15]),
    value,
  }));
  return bytesToHex(keccak256(encodeRlp(nodeOf(items, 0))));
}

function nodeOf(items: readonly Item[], depth: number): RlpItem {
  const [first, ...rest] = items;
  if (first === undefined) return EMPTY;
  if (rest.length === 0) return [packed(first.nibbles.slice(depth), true), first.value];
  const shared = sharedLength(items, depth);
  if (shared > 0) {
    const prefix = first.nibbles.slice(depth, depth + shared);
    return [packed(prefix, false), reference(nodeOf(items, depth + shared))];
  }
  const children = Array.from({ length: 16 }, (_, nibble) =>
    reference(
      nodeOf(
        items.filter((item) => item.nibbles[depth] === nibble),
        depth + 1,
      ),
    ),
  );
  const ending = items.find((item) => item.nibbles.length === depth);
  return [...children, ending?.value ?? EMPTY];
}

function sharedLength(items: readonly Item[], depth: number): number {
  const [first] = items;
  let length = 0;
  for (;;) {
    const nibble = first?.nibbles[depth + length];
    if (nibble === undefined || items.some((item) => item.nibbles[depth + length] !== nibble)) return length;
    length++;
  }
}

/** A node shorter than a hash stands for itself. */
function reference(node: RlpItem): RlpItem {
  if (node === EMPTY) return EMPTY;
  const encoded = encodeRlp(node);
  return encoded.length < HASH_BYTES ? node : keccak256(encoded);
}

/** Hex-prefix encoding: a flag nibble says odd or even, leaf or extension. */
function packed(nibbles: readonly number[], isLeaf: boolean): Uint8Array {
  const flag = (isLeaf ? 2 : 0) + (nibbles.length % 2);
  const all = nibbles.length % 2 === 1 ? [flag, ...nibbles] : [flag, 0, ...nibbles];
  const bytes = new Uint8Array(all.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = ((all[2 * i] ?? 0) << 4) | (all[2 * i + 1] ?? 0);
  return bytes;
}
