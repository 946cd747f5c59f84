import { StemmaError } from "../../protocol/errors.ts";
import type { RawLog } from "../model/chain.ts";
import type { BloomFilter } from "./bloom.ts";
import { headerByHash, headerByNumber, type NodeHeader, readHeader } from "./header.ts";
import { readBlockNumber, toQuantity } from "./quantity.ts";
import { readLogs, type UntimedLog } from "./rawLogs.ts";
import { type Rpc, type RpcBatch, type RpcCall, type RpcReply, resultOf, TOO_LARGE } from "./rpc.ts";

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
  /**
   * `all`: every header, then the logs of each block by its hash. It ties each log to a header, and on dense blocks geth answers it
   * with less than half the work of a range, whose index it goes through in vain (11 against 26 µs a log).
   * `ends`: the logs of the range, with its first and last header. For sparse stretches that are final already.
   */
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
const HEAD: RpcCall = { method: "eth_blockNumber", params: [] };

/**
 * Fetches logs with the headers to check them against. Each request also asks for the node's head: an empty list is only believed at or
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
  return (request, signal) =>
    request.headers === "all" ? fetchByHash(request, signal) : fetchByRange(request, signal);

  async function fetchByHash(
    { from, to, areLinked }: RangeRequest,
    signal: AbortSignal,
  ): Promise<RangeOutcome> {
    const numbers = range(from, to);
    const asked = await ask(to, numbers.map(headerByNumber), signal);
    if (asked.type !== "answer") return asked;
    const headers = asked.replies.map((reply, index) => readKnownHeader(reply, numbers[index]));
    if (areLinked) checkLinks(headers);
    const calls = headers.map(({ hash }) => logsCall({ blockHash: hash }));
    const answered = await ask(to, calls, signal);
    if (answered.type !== "answer") return answered;
    const untimed: UntimedLog[] = [];
    for (const [index, { header }] of headers.entries()) {
      const logs = resultOf(answered.replies[index], "eth_getLogs");
      for (const log of readLogs(logs, header.number, header.number)) untimed.push(log);
    }
    return await assemble(
      { from, to, headers, head: answered.head, bytes: asked.bytes + answered.bytes },
      untimed,
      signal,
    );
  }

  async function fetchByRange(
    { from, to, areLinked }: RangeRequest,
    signal: AbortSignal,
  ): Promise<RangeOutcome> {
    const numbers = from === to ? [from] : [from, to];
    const logsInRange = logsCall({ fromBlock: toQuantity(from), toBlock: toQuantity(to) });
    const asked = await ask(to, [logsInRange, ...numbers.map(headerByNumber)], signal);
    if (asked.type !== "answer") return asked;
    const [logsReply, ...headerReplies] = asked.replies;
    const untimed = readLogs(resultOf(logsReply, "eth_getLogs"), from, to);
    const headers = headerReplies.map((reply, index) => readKnownHeader(reply, numbers[index]));
    if (areLinked) checkLinks(headers);
    return await assemble({ from, to, headers, head: asked.head, bytes: asked.bytes }, untimed, signal);
  }

  /** Calls about blocks up to `to`, with the head of the node that answers them. */
  async function ask(
    to: bigint,
    calls: readonly RpcCall[],
    signal: AbortSignal,
  ): Promise<Exclude<RangeOutcome, { type: "range" }> | ({ type: "answer"; head: bigint } & RpcBatch)> {
    const { replies, bytes } = await rpc.batch([HEAD, ...calls], signal);
    const [headReply, ...rest] = replies;
    const isTooLarge = headReply && refusalOf(headReply);
    if (isTooLarge) return { type: "refused", ...isTooLarge };
    const head = readBlockNumber(resultOf(headReply, HEAD.method));
    if (head === undefined) throw invalid(HEAD.method, "not a block number");
    if (head < to) return { type: "behind", head };
    const refusal = rest.map(refusalOf).find((found) => found !== undefined);
    return refusal ? { type: "refused", ...refusal } : { type: "answer", head, replies: rest, bytes };
  }

  async function assemble(
    part: Omit<FetchedRange, "logs">,
    untimed: readonly UntimedLog[],
    signal: AbortSignal,
  ): Promise<RangeOutcome> {
    const logs = await withTimes(untimed, part.headers, signal);
    checkHashes(logs, part.headers);
    await checkBlooms(logs, part.headers, signal);
    return { type: "range", range: { ...part, logs } };
  }

  function logsCall(blocks: Readonly<Record<string, string>>): RpcCall {
    return { method: "eth_getLogs", params: [{ address, topics: [topics], ...blocks }] };
  }

  /** Block times from the logs where the node gives them, else from headers, fetched by hash. */
  async function withTimes(
    logs: readonly UntimedLog[],
    headers: readonly NodeHeader[],
    signal: AbortSignal,
  ): Promise<readonly RawLog[]> {
    if (areTimed(logs)) return logs;
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
    const doubtful: NodeHeader[] = [];
    for (const nodeHeader of headers) {
      const { hash, logsBloom, header } = nodeHeader;
      if (!filled.has(hash) && bloom.mayHoldOurs(logsBloom)) doubtful.push(nodeHeader);
      if (filled.has(hash) && !bloom.mayHoldAddress(logsBloom))
        throw invalid("eth_getLogs", `logs that block ${header.number} excludes`);
    }
    if (doubtful.length === 0) return;
    const calls = doubtful.map(({ hash }) => logsCall({ blockHash: hash }));
    for (const [index, reply] of (await rpc.batch(calls, signal)).replies.entries()) {
      const again = resultOf(reply, "eth_getLogs");
      if (!Array.isArray(again) || again.length > 0)
        throw invalid("eth_getLogs", `the logs of block ${doubtful[index]?.header.number} were left out`);
    }
  }
}

function readKnownHeader(reply: RpcReply, number: bigint | undefined): NodeHeader {
  const header = readHeader(resultOf(reply, "eth_getBlockByNumber"), number);
  if (header === null) throw invalid("eth_getBlockByNumber", `no block ${number} below the head`);
  return header;
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

function areTimed(logs: readonly UntimedLog[]): logs is readonly RawLog[] {
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
