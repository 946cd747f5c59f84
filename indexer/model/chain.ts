/** Header fields that the indexer keeps of a block. */
export type BlockHeader = {
  readonly number: bigint;
  readonly hash: Uint8Array;
  readonly parentHash: Uint8Array;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
};

/** A log as `eth_getLogs` returns it, checked to be complete: hex strings as they came, nothing decoded. */
export type RawLog = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  /** Seconds since 1970. */
  readonly blockTimestamp: bigint;
  readonly transactionHash: string;
  readonly logIndex: number;
};

/** What tells one chain from another. A reset development chain has the same id but another genesis. */
export type ChainIdentity = {
  readonly chainId: bigint;
  readonly genesisHash: Uint8Array;
};

export type FinalityDriverName = "instant" | "tag" | "depth" | "qbft";

/**
 * What the chain stage hands on, in order. A reorg is a value in the stream, never an exception.
 *
 * - `range`: all logs of `from..to`. `headers` holds the headers of the blocks in the range that are not final yet, ascending; for a
 *   wholly final range it holds only the last block's header.
 * - `reorg`: everything above `ancestor` is gone. MUST be applied before any later range.
 * - `finalized`: no honest node will drop this block any more.
 * - `halted`: the chain contradicts what was final. Nothing more is written until an operator decides; reads go on.
 */
export type ChainUpdate =
  | {
      readonly type: "range";
      readonly from: bigint;
      readonly to: bigint;
      readonly headers: readonly BlockHeader[];
      readonly logs: readonly RawLog[];
      readonly head: bigint;
    }
  | { readonly type: "reorg"; readonly ancestor: BlockHeader; readonly depth: number; readonly head: bigint }
  | { readonly type: "finalized"; readonly block: BlockHeader; readonly head: bigint }
  | { readonly type: "halted"; readonly reason: string; readonly at: bigint };

/** Where the indexer stands. `window` holds the headers above the last final block, ascending. */
export type ChainPosition = {
  readonly cursor: BlockHeader | null;
  readonly finalized: BlockHeader | null;
  readonly window: readonly BlockHeader[];
};

/** Health of the chain stage, for `/ready` and metrics. */
export type ChainHealth = {
  readonly head: bigint | null;
  /** Milliseconds since the head last moved, by the clock passed in. */
  readonly headAgeMs: number | null;
  readonly nodeError: string | null;
};

/** Follows a chain from a position. The iterator waits for new blocks and ends only when `signal` aborts. */
export type ChainSource = {
  readonly identity: () => Promise<ChainIdentity>;
  readonly follow: (position: ChainPosition, signal: AbortSignal) => AsyncIterable<ChainUpdate>;
  readonly health: () => ChainHealth;
  readonly finality: FinalityDriverName;
};
