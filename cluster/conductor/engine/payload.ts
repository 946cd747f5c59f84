import { z } from "zod";
import type { Hex } from "../../../protocol/bytes.ts";

const isHex = (pattern: RegExp) => z.custom<Hex>((value) => typeof value === "string" && pattern.test(value));

export const hash = isHex(/^0x[0-9a-f]{64}$/);
/** JSON-RPC's quantity: no leading zero. */
export const quantity = isHex(/^0x(0|[1-9a-f][0-9a-f]*)$/);
// A pattern of pairs overflows the matcher's stack on a transaction of megabytes.
const bytes = z.custom<Hex>(
  (value) => typeof value === "string" && value.length % 2 === 0 && /^0x[0-9a-f]*$/.test(value),
);
const withdrawal = z.strictObject({
  index: quantity,
  validatorIndex: quantity,
  address: isHex(/^0x[0-9a-f]{40}$/),
  amount: quantity,
});

/** ExecutionPayloadV3 of execution-apis: the block as the node wants it back, unchanged. Unknown fields are refused: losing one changes the hash. */
export const executionPayload = z.strictObject({
  parentHash: hash,
  feeRecipient: isHex(/^0x[0-9a-f]{40}$/),
  stateRoot: hash,
  receiptsRoot: hash,
  logsBloom: isHex(/^0x[0-9a-f]{512}$/),
  prevRandao: hash,
  blockNumber: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  timestamp: quantity,
  extraData: bytes,
  baseFeePerGas: quantity,
  blockHash: hash,
  transactions: z.array(bytes),
  withdrawals: z.array(withdrawal),
  blobGasUsed: quantity,
  excessBlobGas: quantity,
});

/** All that another node needs to compute the same block hash; blobs are refused, so there are no versioned hashes. */
export const block = z.strictObject({
  executionPayload,
  parentBeaconBlockRoot: hash,
  // A type byte, and something after it.
  executionRequests: z.array(bytes.refine(({ length }) => length >= "0x0000".length)),
});

export type Block = z.infer<typeof block>;

/** A block named by its place: enough to build on it. */
export type BlockPoint = {
  readonly height: bigint;
  readonly hash: Hex;
  /** Seconds since 1970, from the header. */
  readonly timestamp: bigint;
};

/** Where the block of a payload stands. */
export function pointOf({ executionPayload: payload }: Block): BlockPoint {
  const { blockNumber, blockHash, timestamp } = payload;
  return { height: BigInt(blockNumber), hash: blockHash, timestamp: BigInt(timestamp) };
}
