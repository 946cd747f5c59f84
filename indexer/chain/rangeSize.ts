/** How many blocks to ask for at once, learnt from what came back. */
export type RangeSize = {
  readonly blocks: () => bigint;
  /** A range of `blocks` came back with `bytes`. */
  readonly served: (blocks: bigint, bytes: number) => void;
  /** The node refused a range of `blocks`, for its length or its answer's. */
  readonly refused: (blocks: bigint) => void;
};

export type RangeSizeOptions = {
  /** Bytes that an answer should have. */
  readonly targetBytes: number;
  readonly maxBlocks: number;
};

const FIRST_BLOCKS = 2;
/** An empty stretch mustn't blow a range up so fast that the next dense one overruns memory. */
const MAX_GROWTH = 4;
/** Successes after which a limit that the node once gave is tried again, a bit higher. */
const PATIENCE = 32;
const RELAXATION = 1.5;

/** Starts small and follows the density of the chain towards `targetBytes` an answer. */
export function createRangeSize(options: RangeSizeOptions): RangeSize {
  let size = Math.min(FIRST_BLOCKS, options.maxBlocks);
  let ceiling = options.maxBlocks;
  let successes = 0;
  return {
    blocks: () => BigInt(Math.max(1, Math.floor(size))),
    served(blocks, bytes) {
      const count = Number(blocks);
      if (++successes % PATIENCE === 0) ceiling = Math.min(options.maxBlocks, ceiling * RELAXATION);
      // A short last range says nothing about longer ones, but its density still counts.
      const wanted = count * Math.min(MAX_GROWTH, options.targetBytes / Math.max(bytes, 1));
      if (wanted < size || count >= Math.floor(size)) size = Math.min(ceiling, Math.max(1, wanted));
    },
    refused(blocks) {
      ceiling = Math.max(1, Math.floor(Number(blocks) / 2));
      size = Math.min(size, ceiling);
      successes = 0;
    },
  };
}
