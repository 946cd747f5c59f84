import { z } from "zod";
import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { keccak256 } from "../../protocol/hash.ts";
import { createRpc, type Rpc } from "../chain/rpc.ts";

/** An anchoring that the chain holds. */
export type AnchoredEvent = { readonly size: bigint; readonly root: Hex; readonly blockNumber: bigint };

/** The few questions that fsck asks the chain beside the registry's events. */
export type ChainReader = {
  readonly head: () => Promise<bigint>;
  /** Null where the node has no such block. */
  readonly blockHash: (number: bigint) => Promise<Hex | null>;
  /** Root anchored for exactly this size; zeros where there is none. */
  readonly rootAt: (size: bigint) => Promise<Hex>;
  /** Anchorings of the log, from a block to another, in order. */
  readonly anchored: (from: bigint, to: bigint) => AsyncGenerator<AnchoredEvent>;
};

/** Besu's default limit is the lowest of all nodes; geth has none. */
const BLOCKS_PER_REQUEST = 5_000n;
const LIMITS = { timeoutMs: 30_000, maxReplyBytes: 64 * 2 ** 20 };
const EVENT = "CheckpointAnchored(bytes32,uint64,bytes32,uint64,uint64,bytes32)";

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text.toLowerCase() as Hex);
const logsSchema = z.array(z.object({ topics: z.array(hex).length(3), data: hex, blockNumber: hex }));
const blockSchema = z.object({ hash: hex }).nullable();

/** @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_REPLY_INVALID from every call */
export function createChainReader(
  rpcUrl: string,
  { anchor, logId }: { readonly anchor: Hex; readonly logId: Hex },
): ChainReader {
  const rpc = createRpc({ url: rpcUrl, fetch, now: () => performance.now() }, LIMITS);
  const selector = keccak256(utf8("rootAt(bytes32,uint64)")).subarray(0, 4);
  const topic = bytesToHex(keccak256(utf8(EVENT)));
  return {
    head: async () => BigInt(await ask(rpc, "eth_blockNumber", [], hex)),
    blockHash: async (number) => {
      const block = await ask(rpc, "eth_getBlockByNumber", [quantity(number), false], blockSchema);
      return block?.hash ?? null;
    },
    rootAt: async (size) => {
      const data = concatBytes(
        selector,
        hexToBytes(logId),
        hexToBytes(`0x${size.toString(16).padStart(64, "0")}`),
      );
      return ask(rpc, "eth_call", [{ to: anchor, data: bytesToHex(data) }, "latest"], hex);
    },
    anchored: async function* (from, to) {
      for (let start = from; start <= to; start += BLOCKS_PER_REQUEST) {
        const end = start + BLOCKS_PER_REQUEST - 1n < to ? start + BLOCKS_PER_REQUEST - 1n : to;
        const filter = {
          address: anchor,
          topics: [topic, logId],
          fromBlock: quantity(start),
          toBlock: quantity(end),
        };
        for (const log of await ask(rpc, "eth_getLogs", [filter], logsSchema)) {
          const root: Hex = `0x${log.data.slice(2, 66)}`;
          yield { size: BigInt(log.topics[2] ?? "0x0"), root, blockNumber: BigInt(log.blockNumber) };
        }
      }
    },
  };
}

async function ask<Schema extends z.ZodType>(
  rpc: Rpc,
  method: string,
  params: readonly unknown[],
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await rpc.request({ method, params }));
  if (parsed.success) return parsed.data;
  throw new StemmaError("RPC_REPLY_INVALID", {
    method,
    problem: z.prettifyError(parsed.error).slice(0, 200),
  });
}

function quantity(number: bigint): Hex {
  return `0x${number.toString(16)}`;
}
