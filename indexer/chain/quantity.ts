const QUANTITY = /^0x[0-9a-f]{1,16}$/i;
const HASH = /^0x[0-9a-f]{64}$/i;
const MAX_BLOCK = 1n << 43n;

/** A JSON-RPC quantity of at most 64 bits; undefined for anything else. */
export function readQuantity(value: unknown): bigint | undefined {
  return typeof value === "string" && QUANTITY.test(value) ? BigInt(value) : undefined;
}

/** A block number that a position can hold (below 2^43); undefined for anything else. */
export function readBlockNumber(value: unknown): bigint | undefined {
  const number = readQuantity(value);
  return number !== undefined && number < MAX_BLOCK ? number : undefined;
}

/** A 32-byte hash in lower case; undefined for anything else. */
export function readHash(value: unknown): string | undefined {
  return typeof value === "string" && HASH.test(value) ? value.toLowerCase() : undefined;
}

/** A number as JSON-RPC wants it. */
export function toQuantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}
