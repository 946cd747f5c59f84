import { bytesToHex, compareBytes, type Hex, hexToBytes } from "../../../protocol/bytes.ts";
import { keccak256 } from "../../../protocol/hash.ts";
import { encodeRlp, integerBytes, type RlpItem } from "../../../protocol/rlp.ts";

/** An account as genesis gives it; none has storage. */
export type GenesisAccount = { readonly balance: Hex; readonly nonce?: Hex; readonly code?: Hex };

type Leaf = { readonly nibbles: readonly number[]; readonly value: Uint8Array };

/** Root of the trie that holds nothing: keccak-256 of the RLP of no bytes. */
export const EMPTY_TRIE_ROOT = keccak256(encodeRlp(new Uint8Array(0)));
const HASH_BYTES = 32;
const LEAF_FLAG = 2;

/**
 * Root of the state trie that these accounts make (Ethereum yellow paper, section 4.1 and appendix D).
 *
 * @throws INVALID_HEX where an address isn't 20 bytes.
 */
export function stateRoot(accounts: Readonly<Record<string, GenesisAccount>>): Hex {
  const leaves = Object.entries(accounts)
    .map(([address, account]) => ({
      key: keccak256(hexToBytes(address, { bytes: 20, field: "address" })),
      value: encodeAccount(account),
    }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ key, value }) => ({ nibbles: [...key].flatMap((byte) => [byte >> 4, byte & 15]), value }));
  return bytesToHex(leaves.length === 0 ? EMPTY_TRIE_ROOT : keccak256(encodeRlp(trieNode(leaves, 0))));
}

function encodeAccount({ balance, nonce, code }: GenesisAccount): Uint8Array {
  const codeHash = keccak256(code ? hexToBytes(code, { field: "code" }) : new Uint8Array(0));
  return encodeRlp([
    integerBytes(BigInt(nonce ?? "0x0")),
    integerBytes(BigInt(balance)),
    EMPTY_TRIE_ROOT,
    codeHash,
  ]);
}

/** The node that stands for these leaves, which agree on the first `depth` nibbles and are in order. */
function trieNode(leaves: readonly Leaf[], depth: number): RlpItem[] {
  const [first] = leaves;
  if (first && leaves.length === 1) {
    return [compactPath(first.nibbles.slice(depth), true), first.value];
  }
  const shared = sharedNibbles(leaves, depth);
  if (first && shared > 0) {
    return [
      compactPath(first.nibbles.slice(depth, depth + shared), false),
      reference(trieNode(leaves, depth + shared)),
    ];
  }
  const children = Array.from({ length: 16 }, (_, nibble): RlpItem => {
    const below = leaves.filter((leaf) => leaf.nibbles[depth] === nibble);
    return below.length === 0 ? new Uint8Array(0) : reference(trieNode(below, depth + 1));
  });
  // Keys have one length, so no value ends at a branch.
  return [...children, new Uint8Array(0)];
}

/** Nibbles from `depth` on that all leaves share: in order, so the first and the last decide. */
function sharedNibbles(leaves: readonly Leaf[], depth: number): number {
  const first = leaves[0]?.nibbles ?? [];
  const last = leaves.at(-1)?.nibbles ?? [];
  let shared = 0;
  while (depth + shared < first.length && first[depth + shared] === last[depth + shared]) shared++;
  return shared;
}

/** A node inside its parent: itself where that is shorter than a hash. */
function reference(node: RlpItem[]): RlpItem {
  const encoded = encodeRlp(node);
  return encoded.length < HASH_BYTES ? node : keccak256(encoded);
}

/** Nibbles as bytes, with a flag for leaves and for an odd number in front ("hex prefix"). */
function compactPath(nibbles: readonly number[], isLeaf: boolean): Uint8Array {
  const isOdd = nibbles.length % 2 === 1;
  const flag = (isLeaf ? LEAF_FLAG : 0) + (isOdd ? 1 : 0);
  const padded = isOdd ? [flag, ...nibbles] : [flag, 0, ...nibbles];
  return Uint8Array.from({ length: padded.length / 2 }, (_, i) => {
    return ((padded[2 * i] ?? 0) << 4) | (padded[2 * i + 1] ?? 0);
  });
}
