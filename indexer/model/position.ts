/**
 * A row's place in the chain, packed into one number: `blockNumber << 20 | logIndex`. It orders all events, survives a
 * re-index unchanged, and makes "as of block n" a comparison: `id < positionOf(n + 1, 0)`. MUST stay below 2^63.
 */
export type PositionId = bigint;

const LOG_INDEX_BITS = 20n;
/** Logs that one block may hold before positions would overlap. */
export const MAX_LOGS_PER_BLOCK = 1 << 20;

/** Packs a block number and a log index. The caller has checked `logIndex < MAX_LOGS_PER_BLOCK`. */
export function positionOf(blockNumber: bigint, logIndex: number): PositionId {
  return (blockNumber << LOG_INDEX_BITS) | BigInt(logIndex);
}

/** Block number of a position. */
export function blockOf(position: PositionId): bigint {
  return position >> LOG_INDEX_BITS;
}

/** Log index of a position. */
export function logIndexOf(position: PositionId): number {
  return Number(position & ((1n << LOG_INDEX_BITS) - 1n));
}
