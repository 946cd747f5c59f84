import { StemmaError } from "../../protocol/errors.ts";
import type { FetchedRange, RangeFetcher, RangeRequest } from "./fetchRange.ts";
import type { RangeSize } from "./rangeSize.ts";

export type BackfillRequest = {
  readonly from: bigint;
  readonly to: bigint;
  /** True where every header is needed: at the head, and wherever blocks aren't final yet. */
  readonly isTip: boolean;
  readonly areLinked: boolean;
};

/** Blocks fetched with all their headers at once. Fewer than these filling an answer is what dense means here. */
export const BLOCKS_BY_HASH = 64n;

/**
 * The blocks `from..to` in order, as ranges of a fitting size, `prefetch` of which are on their way while one is worked on. Ends early
 * where the node turns out to be behind.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_REPLY_INVALID
 */
export async function* backfill(
  dependencies: { readonly fetchRange: RangeFetcher; readonly size: RangeSize },
  request: BackfillRequest,
  options: { readonly prefetch: number; readonly signal: AbortSignal },
): AsyncGenerator<FetchedRange> {
  const { fetchRange, size } = dependencies;
  // What is on its way when the consumer stops or a range fails is of no use any more.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const queue: { readonly to: bigint; readonly pieces: Promise<readonly FetchedRange[]> }[] = [];
  let next = request.from;
  try {
    while (next <= request.to || queue.length > 0) {
      while (queue.length < options.prefetch && next <= request.to) {
        const isByHash = request.isTip || size.blocks() <= BLOCKS_BY_HASH;
        const blocks = isByHash ? least(size.blocks(), BLOCKS_BY_HASH) : size.blocks();
        const to = least(next + blocks - 1n, request.to);
        const { areLinked } = request;
        const pieces = fetchWhole({ from: next, to, headers: isByHash ? "all" : "ends", areLinked });
        // Its failure is met when its turn comes; until then it mustn't count as unhandled.
        pieces.catch(() => {});
        queue.push({ to, pieces });
        next = to + 1n;
      }
      const due = queue.shift();
      const pieces = await due?.pieces;
      if (!due || !pieces) return;
      yield* pieces;
      if (pieces.at(-1)?.to !== due.to) return;
    }
  } finally {
    stop.abort();
  }

  /** The range, in pieces where the node refuses it whole; short or empty where the node is behind. */
  async function fetchWhole(range: RangeRequest): Promise<readonly FetchedRange[]> {
    const pieces: FetchedRange[] = [];
    let { from } = range;
    let blocks = range.to - from + 1n;
    while (from <= range.to) {
      const to = least(from + blocks - 1n, range.to);
      const outcome = await fetchRange({ ...range, from, to }, signal);
      if (outcome.type === "behind") return pieces;
      if (outcome.type === "range") {
        size.served(to - from + 1n, outcome.range.bytes);
        pieces.push(outcome.range);
        from = to + 1n;
        continue;
      }
      size.refused(to - from + 1n);
      if (from === to) {
        const { code: rpcCode, message: problem } = outcome;
        throw new StemmaError("RPC_REFUSED", { method: "eth_getLogs of a single block", rpcCode, problem });
      }
      blocks = (to - from + 1n) / 2n;
    }
    return pieces;
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
