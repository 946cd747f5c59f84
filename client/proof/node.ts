import { BaseError, type PublicClient } from "viem";
import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { toStemmaError } from "../transaction/toStemmaError.ts";

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text.toLowerCase() as Hex);

const headerSchema = z.object({
  hash: hex,
  parentHash: hex,
  sha3Uncles: hex,
  miner: hex,
  stateRoot: hex,
  transactionsRoot: hex,
  receiptsRoot: hex,
  logsBloom: hex,
  difficulty: hex,
  number: hex,
  gasLimit: hex,
  gasUsed: hex,
  timestamp: hex,
  extraData: hex,
  mixHash: hex,
  nonce: hex,
  baseFeePerGas: hex.nullish(),
  withdrawalsRoot: hex.nullish(),
  blobGasUsed: hex.nullish(),
  excessBlobGas: hex.nullish(),
  parentBeaconBlockRoot: hex.nullish(),
  requestsHash: hex.nullish(),
  transactions: z.array(hex),
});

const receiptSchema = z.object({
  transactionHash: hex,
  transactionIndex: hex,
  blockHash: hex,
  type: hex.nullish(),
  status: hex.nullish(),
  root: hex.nullish(),
  cumulativeGasUsed: hex,
  logsBloom: hex,
  logs: z.array(z.object({ address: hex, topics: z.array(hex), data: hex })),
});

/** A block as the node tells it: nothing of it is believed until its hash was computed again. */
export type ToldBlock = z.infer<typeof headerSchema>;
export type ToldReceipt = z.infer<typeof receiptSchema>;

export type BlockTag = Hex | "latest" | "finalized";

/** The few calls that verifying needs, raw and checked for their shape. */
export type VerifyingNode = {
  readonly chainId: () => Promise<bigint>;
  /** Null where the node has no such block, or doesn't know the tag. */
  readonly block: (at: BlockTag) => Promise<ToldBlock | null>;
  /** What the call returns; nothing (`0x`) where there is no contract, or it reverts. */
  readonly call: (to: Hex, data: Hex, at: BlockTag) => Promise<Hex>;
  readonly receipts: (block: ToldBlock) => Promise<readonly ToldReceipt[]>;
  readonly qbftValidators: (blockNumber: Hex) => Promise<readonly Hex[] | null>;
};

/** A contract that refuses the call isn't the one that is meant; a node that lacks the state is another matter. */
function isRevert(error: unknown): boolean {
  if (!(error instanceof StemmaError)) return false;
  if (error.name === "CONTRACT_ERROR_UNKNOWN") return true;
  return error.cause instanceof BaseError && /revert/i.test(error.cause.details);
}

/** @throws RPC_UNAVAILABLE, RPC_REPLY_INVALID from every call */
export function createVerifyingNode(client: PublicClient, rpcUrl: string): VerifyingNode {
  const ask = async <Schema extends z.ZodType>(
    method: string,
    params: readonly unknown[],
    schema: Schema,
  ): Promise<z.output<Schema>> => {
    // viem's types know each method's parameters; here the method is a value and the schema checks the answer.
    const request = client.request as (call: {
      method: string;
      params: readonly unknown[];
    }) => Promise<unknown>;
    const answer = await request({ method, params }).catch((error) =>
      Promise.reject(toStemmaError(error, rpcUrl)),
    );
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const problem = z.prettifyError(parsed.error).replaceAll("\n", " ").slice(0, 200);
    throw new StemmaError("RPC_REPLY_INVALID", { method, problem });
  };
  const orNull = async <T>(answer: Promise<T>): Promise<T | null> => {
    try {
      return await answer;
    } catch (error) {
      // A node that answers with a refusal doesn't have it; one that doesn't answer says nothing.
      if (error instanceof StemmaError && error.name === "RPC_UNAVAILABLE") throw error;
      return null;
    }
  };
  return {
    chainId: async () => BigInt(await ask("eth_chainId", [], hex)),
    block: async (at) => {
      const answer = ask("eth_getBlockByNumber", [at, false], headerSchema.nullable());
      return at === "finalized" ? orNull(answer) : answer;
    },
    call: async (to, data, at) => {
      try {
        return await ask("eth_call", [{ to, data }, at], hex);
      } catch (error) {
        if (isRevert(error)) return "0x";
        throw error;
      }
    },
    receipts: async (block) => {
      const whole = await orNull(ask("eth_getBlockReceipts", [block.number], z.array(receiptSchema)));
      if (whole !== null) return whole;
      return Promise.all(
        block.transactions.map((hash) => ask("eth_getTransactionReceipt", [hash], receiptSchema)),
      );
    },
    qbftValidators: (blockNumber) =>
      orNull(ask("qbft_getValidatorsByBlockNumber", [blockNumber], z.array(hex))),
  };
}
