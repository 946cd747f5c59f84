import type { Hex } from "../../../protocol/bytes.ts";
import type { LogEntry, LogHead, Reply } from "../core/model.ts";
import type { Block } from "../engine/payload.ts";

type Log = Extract<Reply<Block>, { type: "log" }>;
type Refused = Extract<Reply<Block>, { type: "refused" }>;

/** The replicated log of committed blocks, and the election of who may add to it. */
export type BlockLog = {
  /**
   * Binds an empty log to the chain, or checks that the log is this chain's. Once, before anything else.
   *
   * @throws BLOCK_LOG_FOREIGN
   */
  readonly open: (genesis: Hex) => Promise<void>;
  readonly read: (after: bigint) => Promise<Log>;
  /** Adds the block of the next height, if nothing else was added and the election key with that token still stands. */
  readonly commit: (entry: LogEntry<Block>, fence: bigint) => Promise<{ type: "committed" } | Refused>;
  /** Forgets the heights below; `head` stays. */
  readonly prune: (below: bigint, fence: bigint) => Promise<{ type: "done" } | Refused>;
  /** Yields whenever the head changes. */
  readonly changes: (signal: AbortSignal) => AsyncIterable<LogHead | null>;
  readonly grantLease: () => Promise<{ lease: bigint; ttlMs: number }>;
  readonly keepAlive: (lease: bigint) => Promise<void>;
  readonly revoke: (lease: bigint) => Promise<void>;
  /** Puts the own election key, once for a lease. Returns the fencing token: the revision of its creation. */
  readonly stand: (lease: bigint) => Promise<bigint>;
  readonly place: (fence: bigint) => Promise<"first" | "later" | "gone">;
};
