import { StemmaError } from "../../protocol/errors.ts";
import type { RawLog } from "../model/chain.ts";
import { MAX_LOGS_PER_BLOCK } from "../model/position.ts";
import { readBlockNumber, readHash, readQuantity } from "./quantity.ts";

/** A log whose block time the node left out. */
export type UntimedLog = Omit<RawLog, "blockTimestamp"> & { readonly blockTimestamp: bigint | null };

const ADDRESS_CHARACTERS = 42;
const MAX_TOPICS = 4;

/**
 * Checks the answer of `eth_getLogs` for the blocks `from..to`: each log whole, in range, not removed, in ascending order without
 * repeats. Hex digits of topics and data are left to the decoder, which reads each of them anyway. `blockTimestamp` is null where the
 * node doesn't give it.
 *
 * @throws RPC_REPLY_INVALID naming what is wrong.
 */
export function readLogs(answer: unknown, from: bigint, to: bigint): UntimedLog[] {
  if (!Array.isArray(answer)) throw invalid("not a list");
  const logs: UntimedLog[] = [];
  // Neighbouring logs share block and time, so texts are read once a block.
  let blockText: unknown;
  let hashText: unknown;
  let timeText: unknown;
  let blockNumber = -1n;
  let blockHash = "";
  let blockTimestamp: bigint | null = null;
  let lastIndex = -1;
  for (const item of answer as Readonly<Record<string, unknown>>[]) {
    if (typeof item !== "object" || item === null) throw invalid("not an object");
    const { address, topics, data, transactionHash } = item;
    if (item.blockNumber !== blockText) {
      const number = readBlockNumber(item.blockNumber);
      if (number === undefined || number < from || number > to) throw invalid("blockNumber");
      if (number < blockNumber) throw invalid("order of blocks");
      blockText = item.blockNumber;
      blockNumber = number;
      lastIndex = -1;
      hashText = undefined;
    }
    if (item.blockHash !== hashText) {
      const hash = readHash(item.blockHash);
      if (hash === undefined || hashText !== undefined) throw invalid("blockHash");
      hashText = item.blockHash;
      blockHash = hash;
    }
    if (item.blockTimestamp !== timeText) {
      blockTimestamp =
        item.blockTimestamp === undefined || item.blockTimestamp === null
          ? null
          : (readQuantity(item.blockTimestamp) ?? null);
      timeText = item.blockTimestamp;
    }
    const logIndex = readIndex(item.logIndex);
    if (logIndex <= lastIndex || logIndex >= MAX_LOGS_PER_BLOCK) throw invalid("logIndex");
    lastIndex = logIndex;
    if (typeof address !== "string" || address.length !== ADDRESS_CHARACTERS) throw invalid("address");
    if (typeof data !== "string" || !data.startsWith("0x")) throw invalid("data");
    if (typeof transactionHash !== "string" || transactionHash.length !== 66)
      throw invalid("transactionHash");
    if (!Array.isArray(topics) || topics.length > MAX_TOPICS) throw invalid("topics");
    for (const topic of topics) if (typeof topic !== "string") throw invalid("topics");
    if (item.removed === true) throw invalid("a removed log");
    logs.push({
      address,
      topics: topics as string[],
      data,
      blockNumber,
      blockHash,
      blockTimestamp,
      transactionHash,
      logIndex,
    });
  }
  return logs;
}

/** A small quantity; NaN, which fails every comparison it is put to, becomes -1. */
function readIndex(value: unknown): number {
  const index = typeof value === "string" && value.startsWith("0x") ? Number(value) : -1;
  return Number.isInteger(index) ? index : -1;
}

function invalid(problem: string): StemmaError {
  return new StemmaError("RPC_REPLY_INVALID", { method: "eth_getLogs", problem });
}
