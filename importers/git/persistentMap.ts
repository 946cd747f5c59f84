/**
 * A map that is never changed: `set` returns a new one that shares almost everything with the old one. Each commit keeps the files
 * of its tree in one, so that parallel branches cost only what they differ in. A hash array mapped trie (Bagwell, 2001).
 */
export type PersistentMap<Value> = {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => PersistentMap<Value>;
};

type Leaf<Value> = { readonly hash: number; readonly entries: readonly (readonly [string, Value])[] };
type Branch<Value> = { readonly bitmap: number; readonly children: readonly Node<Value>[] };
type Node<Value> = Leaf<Value> | Branch<Value>;

const BITS = 5;
const MASK = 31;

/** The map without entries. */
export function createPersistentMap<Value>(): PersistentMap<Value> {
  return wrap<Value>({ bitmap: 0, children: [] });
}

function wrap<Value>(root: Node<Value>): PersistentMap<Value> {
  return {
    get: (key) => find(root, 0, hashOf(key), key),
    set: (key, value) => wrap(put(root, 0, hashOf(key), key, value)),
  };
}

function find<Value>(node: Node<Value>, shift: number, hash: number, key: string): Value | undefined {
  if ("entries" in node) return node.entries.find(([name]) => name === key)?.[1];
  const child = node.children[indexOf(node.bitmap, bitOf(hash, shift))];
  const present = (node.bitmap & bitOf(hash, shift)) !== 0;
  return present && child !== undefined ? find(child, shift + BITS, hash, key) : undefined;
}

function put<Value>(node: Node<Value>, shift: number, hash: number, key: string, value: Value): Node<Value> {
  if ("entries" in node) {
    if (node.hash === hash) {
      return { hash, entries: [...node.entries.filter(([name]) => name !== key), [key, value]] };
    }
    // Two hashes meet in one leaf: they part further down.
    const branch: Branch<Value> = { bitmap: bitOf(node.hash, shift), children: [node] };
    return put(branch, shift, hash, key, value);
  }
  const bit = bitOf(hash, shift);
  const index = indexOf(node.bitmap, bit);
  const old = (node.bitmap & bit) === 0 ? undefined : node.children[index];
  const child =
    old === undefined ? { hash, entries: [[key, value] as const] } : put(old, shift + BITS, hash, key, value);
  return {
    bitmap: node.bitmap | bit,
    children: [
      ...node.children.slice(0, index),
      child,
      ...node.children.slice(old === undefined ? index : index + 1),
    ],
  };
}

function bitOf(hash: number, shift: number): number {
  return 1 << ((hash >>> shift) & MASK);
}

/** Position of a bit's child: the number of bits below it. */
function indexOf(bitmap: number, bit: number): number {
  let below = bitmap & (bit - 1);
  below -= (below >>> 1) & 0x55555555;
  below = (below & 0x33333333) + ((below >>> 2) & 0x33333333);
  return (((below + (below >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** FNV-1a over UTF-16 units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
