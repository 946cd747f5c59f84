import { StemmaError } from "../../protocol/errors.ts";
import type { RawLog } from "../model/chain.ts";
import type { BloomFilter } from "./bloom.ts";
import { headerByHash, headerByNumber, type NodeHeader, readHeader } from "./header.ts";
import { readBlockNumber, toQuantity } from "./quantity.ts";
import { readLogs } from "./rawLogs.ts";
import { type Rpc, type RpcCall, type RpcReply, resultOf, TOO_LARGE } from "./rpc.ts";

/** A stretch of the chain as one node answered for it, consistent in itself. */
export type FetchedRange = {
  readonly from: bigint;
  readonly to: bigint;
  /** Ascending. All headers of the range, or its first and last one only. */
  readonly headers: readonly NodeHeader[];
  readonly logs: readonly RawLog[];
  /** Head of the node that answered. */
  readonly head: bigint;
  readonly bytes: number;
};

/** `behind`: the node's head is below the range, so what it said of it means nothing. `refused`: the range or its answer is too large. */
export type RangeOutcome =
  | { readonly type: "range"; readonly range: FetchedRange }
  | { readonly type: "behind"; readonly head: bigint }
  | { readonly type: "refused"; readonly code: number; readonly message: string };

export type RangeRequest = {
  readonly from: bigint;
  readonly to: bigint;
  /** `ends` where the blocks are final already: nothing but the logs themselves is needed then. */
  readonly headers: "all" | "ends";
  /** True where each block has to name its parent's hash. */
  readonly areLinked: boolean;
};

export type RangeFetcher = (request: RangeRequest, signal: AbortSignal) => Promise<RangeOutcome>;

/**
 * Codes by which nodes refuse a range: -32005 (EIP-1474 "limit exceeded": Besu, providers), -32602 ("invalid params": geth and newer
 * Besu), -32003 (geth, answer larger than a batch may be), and our own for an answer cut off.
 */
const REFUSALS: ReadonlySet<number> = new Set([-32005, -32602, -32003, TOO_LARGE]);
const MAX_HEADERS_PER_BATCH = 100;

/**
 * Fetches logs with the headers to check them against and the node's head, all in one request: an empty list is only believed at or
 * below the head of the very node that gave it.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_REPLY_INVALID where the parts contradict each other.
 */
export function createRangeFetcher(dependencies: {
  readonly rpc: Rpc;
  readonly address: string;
  readonly topics: readonly string[];
  readonly bloom: BloomFilter;
}): RangeFetcher {
  const { rpc, address, topics, bloom } = dependencies;

  return async ({ from, to, headers: wanted, areLinked }, signal) => {
    const numbers = wanted === "all" ? range(from, to) : from === to ? [from] : [from, to];
    const calls: RpcCall[] = [
      { method: "eth_blockNumber", params: [] },
      logsCall({ fromBlock: toQuantity(from), toBlock: toQuantity(to) }),
      ...numbers.map(headerByNumber),
    ];
    const { replies, bytes } = await rpc.batch(calls, signal);
    const [headReply, logsReply, ...headerReplies] = replies;
    if (headReply && refusalOf(headReply)?.code === TOO_LARGE)
      return { type: "refused", ...(refusalOf(headReply) ?? { code: TOO_LARGE, message: "" }) };
    const head = readBlockNumber(resultOf(headReply, "eth_blockNumber"));
    if (head === undefined) throw invalid("eth_blockNumber", "not a block number");
    if (head < to) return { type: "behind", head };
    const refusal = logsReply && refusalOf(logsReply);
    if (refusal) return { type: "refused", ...refusal };

    const untimed = readLogs(resultOf(logsReply, "eth_getLogs"), from, to);
    const oversized = headerReplies.map(refusalOf).find((found) => found !== undefined);
    if (oversized) return { type: "refused", ...oversized };
    const headers = headerReplies.map((reply, index) => {
      const header = readHeader(resultOf(reply, "eth_getBlockByNumber"), numbers[index]);
      if (header === null) throw invalid("eth_getBlockByNumber", `no block ${numbers[index]} below the head`);
      return header;
    });
    if (areLinked) checkLinks(headers);
    const logs = await withTimes(untimed, headers, signal);
    checkHashes(logs, headers);
    await checkBlooms(logs, headers, signal);
    return { type: "range", range: { from, to, headers, logs, head, bytes } };
  };

  function logsCall(blocks: Readonly<Record<string, string>>): RpcCall {
    return { method: "eth_getLogs", params: [{ address, topics: [topics], ...blocks }] };
  }

  /** Block times from the logs where the node gives them, else from headers, fetched by hash. */
  async function withTimes(
    logs: ReturnType<typeof readLogs>,
    headers: readonly NodeHeader[],
    signal: AbortSignal,
  ): Promise<RawLog[]> {
    if (isTimed(logs)) return logs;
    const times = new Map(headers.map(({ hash, header }) => [hash, header.timestamp]));
    const missing = new Set<string>();
    for (const log of logs)
      if (log.blockTimestamp === null && !times.has(log.blockHash)) missing.add(log.blockHash);
    const hashes = [...missing];
    for (let start = 0; start < hashes.length; start += MAX_HEADERS_PER_BATCH) {
      const part = hashes.slice(start, start + MAX_HEADERS_PER_BATCH);
      const { replies } = await rpc.batch(part.map(headerByHash), signal);
      for (const [index, reply] of replies.entries()) {
        const header = readHeader(resultOf(reply, "eth_getBlockByHash"));
        if (header === null || header.hash !== part[index])
          throw invalid("eth_getBlockByHash", `no block ${part[index]}, though a log is in it`);
        times.set(header.hash, header.header.timestamp);
      }
    }
    return logs.map((log) => ({
      ...log,
      blockTimestamp: log.blockTimestamp ?? times.get(log.blockHash) ?? 0n,
    }));
  }

  /** A bloom has no false negatives, so it tells of logs that were left out, and of logs that can't be. */
  async function checkBlooms(
    logs: readonly RawLog[],
    headers: readonly NodeHeader[],
    signal: AbortSignal,
  ): Promise<void> {
    const filled = new Set(logs.map((log) => log.blockHash));
    for (const { hash, logsBloom, header } of headers) {
      if (filled.has(hash)) {
        if (!bloom.mayHoldAddress(logsBloom))
          throw invalid("eth_getLogs", `logs that block ${header.number} excludes`);
      } else if (bloom.mayHoldOurs(logsBloom)) {
        const again = resultOf(
          (await rpc.batch([logsCall({ blockHash: hash })], signal)).replies[0],
          "eth_getLogs",
        );
        if (!Array.isArray(again) || again.length > 0)
          throw invalid("eth_getLogs", `the logs of block ${header.number} were left out`);
      }
    }
  }
}

function checkLinks(headers: readonly NodeHeader[]): void {
  for (const [index, { header, parentHash }] of headers.entries()) {
    const before = headers[index - 1];
    if (before && before.header.number + 1n === header.number && before.hash !== parentHash)
      throw invalid("eth_getBlockByNumber", `block ${header.number} isn't the child of the one before`);
  }
}

/** Headers and logs come from separate calls: between them the node may have changed its mind. */
function checkHashes(logs: readonly RawLog[], headers: readonly NodeHeader[]): void {
  const byNumber = new Map(headers.map((header) => [header.header.number, header]));
  let checked = "";
  for (const { blockNumber, blockHash, blockTimestamp } of logs) {
    if (blockHash === checked) continue;
    checked = blockHash;
    const header = byNumber.get(blockNumber);
    if (header && header.hash !== blockHash)
      throw invalid("eth_getLogs", `block ${blockNumber} has two hashes`);
    if (header && header.header.timestamp !== blockTimestamp)
      throw invalid("eth_getLogs", `block ${blockNumber} has two times`);
  }
}

function isTimed(logs: ReturnType<typeof readLogs>): logs is RawLog[] {
  return logs.every((log) => log.blockTimestamp !== null);
}

function refusalOf(reply: RpcReply): { code: number; message: string } | undefined {
  return "error" in reply && REFUSALS.has(reply.error.code) ? reply.error : undefined;
}

function range(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
}

function invalid(method: string, problem: string): StemmaError {
  return new StemmaError("RPC_REPLY_INVALID", { method, problem });
}
