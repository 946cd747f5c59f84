import { hexToBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { BlockHeaderFields } from "../../protocol/header.ts";
import type { BlockHeader } from "../model/chain.ts";
import { readBlockNumber, readHash, readQuantity, toQuantity } from "./quantity.ts";
import { type Rpc, type RpcCall, resultOf } from "./rpc.ts";

/** A header as the node gave it, with what only this room needs. */
export type NodeHeader = {
  readonly header: BlockHeader;
  /** Lower case. */
  readonly hash: string;
  readonly parentHash: string;
  /** 256 bytes of hex. */
  readonly logsBloom: string;
  /** The answer as it came; only `number`, `hash`, `parentHash`, `timestamp` and `logsBloom` are checked. */
  readonly fields: BlockHeaderFields;
};

const BLOOM = /^0x[0-9a-f]{512}$/i;

export function headerByNumber(number: bigint): RpcCall {
  return { method: "eth_getBlockByNumber", params: [toQuantity(number), false] };
}

export function headerByHash(hash: string): RpcCall {
  return { method: "eth_getBlockByHash", params: [hash, false] };
}

/** Asks for one header; null where the node has no such block. @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_REPLY_INVALID */
export async function fetchHeader(rpc: Rpc, call: RpcCall, signal?: AbortSignal): Promise<NodeHeader | null> {
  const [reply] = (await rpc.batch([call], signal)).replies;
  return readHeader(resultOf(reply, call.method));
}

/**
 * Checks a block that came as an answer; null where the node has none.
 *
 * @throws RPC_REPLY_INVALID naming what is wrong.
 */
export function readHeader(answer: unknown, expectedNumber?: bigint): NodeHeader | null {
  if (answer === null) return null;
  if (typeof answer !== "object") throw invalid("not an object");
  const fields = answer as Readonly<Record<string, unknown>>;
  const number = readBlockNumber(fields.number);
  const hash = readHash(fields.hash);
  const parentHash = readHash(fields.parentHash);
  const timestamp = readQuantity(fields.timestamp);
  const { logsBloom } = fields;
  if (number === undefined) throw invalid("number");
  if (expectedNumber !== undefined && number !== expectedNumber)
    throw invalid(`asked for ${expectedNumber}, got ${number}`);
  if (hash === undefined || parentHash === undefined) throw invalid("hash");
  if (timestamp === undefined) throw invalid("timestamp");
  if (typeof logsBloom !== "string" || !BLOOM.test(logsBloom)) throw invalid("logsBloom");
  const header = { number, hash: hexToBytes(hash), parentHash: hexToBytes(parentHash), timestamp };
  // The rest of the fields is checked where it is used, by the hash over all of them.
  return { header, hash, parentHash, logsBloom, fields: answer as BlockHeaderFields };
}

function invalid(problem: string): StemmaError {
  return new StemmaError("RPC_REPLY_INVALID", { method: "eth_getBlock", problem });
}
