import { encodeFunctionData, parseEventLogs, type TransactionReceipt } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import type { TransactionCall } from "../transaction/sender.ts";
import type { PreparedRecord } from "./prepareRecord.ts";
import type { SignedRecord } from "./signRecord.ts";
import { type BatchLimits, type BatchPart, DEFAULT_BATCH_LIMITS, splitBatch } from "./splitBatch.ts";
import type { SubmitErrorName } from "./submitErrors.ts";
import { toSubmission } from "./toSubmission.ts";

/** A transaction of the batch that was mined. */
export type BatchTransaction = {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
  /** Position of its first record in the list given. */
  readonly firstIndex: number;
  readonly count: number;
};

export type SubmitBatchParameters = {
  /** In an order in which each can be accepted: parents and previous records first. */
  readonly records: readonly (PreparedRecord | SignedRecord)[];
  readonly limits?: Partial<BatchLimits>;
  /** Transactions that may wait for their block at once. Default 8. */
  readonly maxInFlight?: number;
  /** Told of each transaction once it is mined, in order. */
  readonly onTransaction?: (transaction: BatchTransaction) => void;
};

export type SubmitBatchReturnType = {
  /** In the order of the records given. */
  readonly recordHashes: readonly Hex[];
  readonly transactions: readonly BatchTransaction[];
};

export type SubmitBatchErrorType = StemmaError<
  SubmitErrorName | "BATCH_ITEM_TOO_LARGE" | "PROVENANCE_BATCH_TOO_LARGE"
>;

const DEFAULT_MAX_IN_FLIGHT = 8;

/**
 * Submits any number of records in as few transactions as the limits allow, several of them in flight. A transaction is accepted
 * whole or not at all; the first refusal stops the rest, and `onTransaction` has been told what was accepted before it. An empty list
 * is no error.
 *
 * @throws SubmitBatchErrorType
 */
export async function submitBatch(
  connection: StemmaConnection,
  parameters: SubmitBatchParameters,
): Promise<SubmitBatchReturnType> {
  const submissions = parameters.records.map((record) => toSubmission(connection, record));
  const parts = splitBatch(submissions, { ...DEFAULT_BATCH_LIMITS, ...parameters.limits });
  const transactions: BatchTransaction[] = [];
  const inFlight: { part: BatchPart; call: TransactionCall; hash: Hex }[] = [];
  const sender = connection.sender("submitBatch");
  await connection.domain();

  const settleOldest = async () => {
    const oldest = inFlight.shift();
    if (oldest === undefined) return;
    const receipt = await sender.wait(oldest.hash, oldest.call);
    checkHashes(connection, receipt, parameters.records, oldest.part);
    const { transactionHash, blockNumber, gasUsed } = receipt;
    const { firstIndex, submissions: accepted } = oldest.part;
    const transaction = { transactionHash, blockNumber, gasUsed, firstIndex, count: accepted.length };
    transactions.push(transaction);
    parameters.onTransaction?.(transaction);
  };

  for (const part of parts) {
    if (inFlight.length >= (parameters.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT)) await settleOldest();
    const data = encodeFunctionData({
      abi: provenanceRegistryAbi,
      functionName: "submitBatch",
      args: [part.submissions],
    });
    const call = { to: connection.registry, data, gas: part.gas };
    // Only with nothing in flight does the node know the state that the part will meet: then a refusal costs nothing.
    if (inFlight.length === 0) await sender.estimateGas(call);
    inFlight.push({ part, call, hash: await sender.send(call) });
  }
  while (inFlight.length > 0) await settleOldest();
  return { recordHashes: parameters.records.map((record) => record.recordHash), transactions };
}

/** The receipt must name exactly the hashes that were computed here. */
function checkHashes(
  connection: StemmaConnection,
  receipt: TransactionReceipt,
  records: SubmitBatchParameters["records"],
  part: BatchPart,
): void {
  const logs = parseEventLogs({
    abi: provenanceRegistryAbi,
    eventName: "ProvenanceRecorded",
    logs: receipt.logs.filter((log) => log.address.toLowerCase() === connection.registry),
  });
  const expected = records.slice(part.firstIndex, part.firstIndex + part.submissions.length);
  const same =
    logs.length === expected.length &&
    logs.every((log, i) => log.args.recordHash === expected[i]?.recordHash);
  if (same) return;
  throw new StemmaError("RPC_REPLY_INVALID", {
    method: "eth_getTransactionReceipt",
    problem: `transaction ${receipt.transactionHash} does not hold the records that were sent`,
  });
}
