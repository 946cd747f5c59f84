import type { TransactionReceipt } from "viem";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaConnection } from "../connection.ts";

/** What every writing action returns at least. */
export type TransactionResult = {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly receipt: TransactionReceipt;
};

/** Names of the errors that any transaction may end with, the contract's own apart. */
export type TransactErrorName =
  | "ACCOUNT_MISSING"
  | "WRONG_CHAIN"
  | "RPC_UNAVAILABLE"
  | "RPC_REPLY_INVALID"
  | "FUNDS_MISSING"
  | "NONCE_REFUSED"
  | "TRANSACTION_REVERTED"
  | "TRANSACTION_TIMEOUT"
  | "CONTRACT_ERROR_UNKNOWN"
  | "ENFORCED_PAUSE";

/** Share of gas above the estimate, in percent: the state may move between the estimate and the block. */
const GAS_MARGIN_PERCENT = 20n;

/**
 * Estimates, sends and waits. The estimate runs the call, so that a refusal costs nothing.
 *
 * @throws ACCOUNT_MISSING, WRONG_CHAIN, every contract error, RPC_UNAVAILABLE, FUNDS_MISSING, TRANSACTION_TIMEOUT
 */
export async function transact(
  connection: StemmaConnection,
  call: { readonly action: string; readonly to: Hex; readonly data: Hex },
): Promise<TransactionResult> {
  const sender = connection.sender(call.action);
  await connection.domain();
  const estimate = await sender.estimateGas(call);
  const sized = { to: call.to, data: call.data, gas: estimate + (estimate * GAS_MARGIN_PERCENT) / 100n };
  const transactionHash = await sender.send(sized);
  const receipt = await sender.wait(transactionHash, sized);
  return { transactionHash, blockNumber: receipt.blockNumber, receipt };
}
