import { StemmaError } from "../../protocol/errors.ts";
import type { FetchedRange, RangeFetcher, RangeRequest } from "./fetchRange.ts";
import type { RangeSize } from "./rangeSize.ts";

export type BackfillRequest = RangeRequest & { readonly maxBlocks: bigint };

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
  const queue: Promise<readonly FetchedRange[]>[] = [];
  let next = request.from;
  try {
    while (next <= request.to || queue.length > 0) {
      while (queue.length < options.prefetch && next <= request.to) {
        const blocks = least(size.blocks(), request.maxBlocks);
        const to = least(next + blocks - 1n, request.to);
        const fetched = fetchWhole(next, to);
        // Its failure is met when its turn comes; until then it mustn't count as unhandled.
        fetched.catch(() => {});
        queue.push(fetched);
        next = to + 1n;
      }
      const ranges = await queue.shift();
      if (ranges === undefined || ranges.length === 0) return;
      for (const range of ranges) yield range;
    }
  } finally {
    stop.abort();
  }

  /** The range, in pieces where the node refuses it whole; nothing where the node is behind. */
  async function fetchWhole(from: bigint, to: bigint): Promise<readonly FetchedRange[]> {
    const outcome = await fetchRange({ ...request, from, to }, signal);
    if (outcome.type === "range") {
      size.served(to - from + 1n, outcome.range.bytes);
      return [outcome.range];
    }
    if (outcome.type === "behind") return [];
    size.refused(to - from + 1n);
    if (from === to) {
      const { code: rpcCode, message: problem } = outcome;
      throw new StemmaError("RPC_REFUSED", { method: "eth_getLogs of a single block", rpcCode, problem });
    }
    const middle = (from + to) / 2n;
    const left = await fetchWhole(from, middle);
    if (left.at(-1)?.to !== middle) return left;
    return [...left, ...(await fetchWhole(middle + 1n, to))];
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
