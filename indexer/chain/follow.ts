import { bytesToHex } from "../../protocol/bytes.ts";
import { isStemmaError, StemmaError } from "../../protocol/errors.ts";
import type { BlockHeader, ChainPosition, ChainUpdate } from "../model/chain.ts";
import { BLOCKS_BY_HASH, backfill } from "./backfill.ts";
import { type BranchState, createBranchState, isLinked } from "./branchState.ts";
import type { FetchedRange, RangeFetcher } from "./fetchRange.ts";
import type { FinalBlock, FinalityDriver } from "./finality/driver.ts";
import { findFork } from "./fork.ts";
import type { GenesisCheck } from "./genesis.ts";
import { headerByNumber, readHeader } from "./header.ts";
import type { HealthKeeper } from "./health.ts";
import { readBlockNumber } from "./quantity.ts";
import type { RangeSize } from "./rangeSize.ts";
import { type Rpc, resultOf } from "./rpc.ts";

export type FollowDependencies = {
  readonly rpc: Rpc;
  readonly fetchRange: RangeFetcher;
  readonly size: RangeSize;
  readonly finality: FinalityDriver;
  readonly checkGenesis: GenesisCheck;
  readonly health: HealthKeeper;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
};

export type FollowOptions = {
  readonly startBlock: bigint;
  readonly pollIntervalMs: number;
  /** How often the block at our own height is looked at while the head doesn't move. */
  readonly recheckIntervalMs: number;
  readonly prefetch: number;
  readonly maxBackoffMs: number;
};

const FIRST_BACKOFF_MS = 200;

/**
 * Follows the chain from `position`. A node that fails, lags or contradicts itself is asked again, with growing pauses, for as long as
 * it takes; `health` says so meanwhile.
 *
 * @throws CHAIN_RESET where the node serves another chain than before. Nothing else ends the stream but `signal`.
 */
export async function* follow(
  dependencies: FollowDependencies,
  options: FollowOptions,
  position: ChainPosition,
  signal: AbortSignal,
): AsyncGenerator<ChainUpdate> {
  const { rpc, finality, health, now, sleep } = dependencies;
  const state = createBranchState(position, options.startBlock);
  let isGenesisChecked = false;
  let lastCheck = Number.NEGATIVE_INFINITY;
  let failures = 0;
  // Hardhat's EDR breaks the hashes of blocks that `hardhat_mine` makes in bulk: there only the block at our height is compared.
  const areLinked = finality.name !== "instant";

  while (!signal.aborted) {
    try {
      let isMoved = false;
      for await (const update of step()) {
        isMoved = true;
        yield update;
        if (update.type === "halted") return await untilAborted(signal);
      }
      failures = 0;
      health.recovered();
      if (!isMoved) await sleep(options.pollIntervalMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isStemmaError(error) || !error.retry) throw error;
      health.failed(error);
      // After an outage the node may be another one.
      isGenesisChecked = false;
      await sleep(backoffMs(failures++), signal).catch(() => {});
    }
  }

  /** Everything that one look at the node's head brings. */
  async function* step(): AsyncGenerator<ChainUpdate> {
    if (!isGenesisChecked) await checkGenesis();
    const headNumber = readBlockNumber(await rpc.request({ method: "eth_blockNumber", params: [] }, signal));
    if (headNumber === undefined)
      throw new StemmaError("RPC_REPLY_INVALID", { method: "eth_blockNumber", problem: "not a number" });
    health.sawHead(headNumber);
    const cursor = state.cursor();
    if (headNumber < state.next() - 1n) return await checkGenesis();
    const isNew = headNumber >= state.next();
    if (!isNew && now() - lastCheck < options.recheckIntervalMs) return;
    const { head, ours } = await fetchEnds(headNumber, cursor);
    // The node went back between the two calls.
    if (head === null) return;
    lastCheck = now();
    if (cursor && ours?.hash !== bytesToHex(cursor.hash)) return yield* checkFork();

    const final = await finality.finalBlock(head, signal);
    const contradiction = final && contradicts(final, state);
    if (contradiction) return yield* checkFork();
    const finalNumber = least(final?.number ?? -1n, headNumber);
    if (state.next() <= finalNumber && !(yield* take(finalNumber, true))) return;
    if (state.next() <= headNumber && !(yield* take(headNumber, false))) return;
    yield* finalizeUpTo(finalNumber, headNumber);
  }

  /** The node's head, and its block at our own height. */
  async function fetchEnds(headNumber: bigint, cursor: BlockHeader | null) {
    const numbers = [headNumber, cursor?.number ?? headNumber];
    const { replies } = await rpc.batch(numbers.map(headerByNumber), signal);
    const [head, ours] = replies.map((reply) => readHeader(resultOf(reply, "eth_getBlockByNumber")));
    return { head: head ?? null, ours: ours ?? null };
  }

  /** Ranges up to `to`, which are final as a whole or not at all. Returns false where the node couldn't give them all. */
  async function* take(to: bigint, isFinal: boolean): AsyncGenerator<ChainUpdate, boolean> {
    const from = state.next();
    const request = { from, to, isTip: !isFinal || to - from < BLOCKS_BY_HASH, areLinked };
    for await (const range of backfill(dependencies, request, { prefetch: options.prefetch, signal })) {
      health.sawHead(range.head);
      const [first] = range.headers;
      const last = range.headers.at(-1);
      if (!first || !last) throw new StemmaError("ASSERTION_FAILED", { what: "a range without headers" });
      if (areLinked && !isLinked(first.header, state.cursor())) {
        yield* checkFork();
        return false;
      }
      if (isFinal) await finality.prove?.(last, signal);
      const headers = (isFinal ? [last] : range.headers).map(({ header }) => header);
      yield* accept(range, areLinked ? headers : relink(headers, state.cursor()), isFinal);
    }
    return state.next() > to;
  }

  function* accept(
    range: FetchedRange,
    headers: readonly BlockHeader[],
    isFinal: boolean,
  ): Generator<ChainUpdate> {
    const { from, to, logs, head } = range;
    state.extend(headers);
    failures = 0;
    health.recovered();
    yield { type: "range", from, to, headers, logs, head };
    const last = headers.at(-1);
    if (!isFinal || !last) return;
    state.finalize(last);
    yield { type: "finalized", block: last, head };
  }

  function* finalizeUpTo(number: bigint, head: bigint): Generator<ChainUpdate> {
    const cursor = state.cursor();
    if (!cursor) return;
    const block = state.at(least(number, cursor.number));
    const before = state.finalized();
    if (!block || (before && block.number <= before.number)) return;
    state.finalize(block);
    yield { type: "finalized", block, head };
  }

  async function* checkFork(): AsyncGenerator<ChainUpdate> {
    await checkGenesis();
    const branch = state.branch();
    if (branch === null) return;
    const pause = () => sleep(options.pollIntervalMs, signal);
    const fork = await findFork({ rpc, pause }, branch, signal);
    const head = health.health().head ?? branch.cursor.number;
    if (fork.type === "none") return;
    if (fork.type === "belowFinality") {
      const reason = `the node's block ${fork.at} isn't the one that was final`;
      yield { type: "halted", reason, at: fork.at };
      return;
    }
    state.rewind(fork.ancestor);
    yield { type: "reorg", ancestor: fork.ancestor, depth: fork.depth, head };
  }

  async function checkGenesis(): Promise<void> {
    await dependencies.checkGenesis(signal);
    isGenesisChecked = true;
  }

  /** Doubles from failure to failure; the jitter keeps replicas from asking all at once. */
  function backoffMs(failuresBefore: number): number {
    const full = Math.min(options.maxBackoffMs, FIRST_BACKOFF_MS * 2 ** Math.min(failuresBefore, 20));
    return full * (0.5 + dependencies.random() / 2);
  }
}

/** The headers with the parent hashes that their neighbours really have. */
function relink(headers: readonly BlockHeader[], cursor: BlockHeader | null): BlockHeader[] {
  let before = cursor;
  return headers.map((header) => {
    const isNext = before !== null && before.number + 1n === header.number;
    const linked = isNext && before ? { ...header, parentHash: before.hash } : header;
    before = header;
    return linked;
  });
}

/** True where the node calls another block final than the one we hold at that height. */
function contradicts(final: FinalBlock, state: BranchState): boolean {
  const held = state.at(final.number);
  return held !== undefined && final.hash !== null && bytesToHex(held.hash) !== final.hash;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
