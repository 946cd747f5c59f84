import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactionResult, transact } from "../transaction/transact.ts";
import type { PreparedRecord } from "./prepareRecord.ts";
import type { SubmitErrorName } from "./submitErrors.ts";
import { toSubmission } from "./toSubmission.ts";

export type SubmitRecordParameters = PreparedRecord;

export type SubmitRecordReturnType = TransactionResult & { readonly recordHash: Hex };

export type SubmitRecordErrorType = StemmaError<SubmitErrorName>;

/**
 * Submits a prepared record; the account is its agent and pays. Waits until the transaction is mined.
 *
 * @throws SubmitRecordErrorType
 * @example
 * const { recordHash, blockNumber } = await client.submitRecord(prepared);
 */
export async function submitRecord(
  connection: StemmaConnection,
  parameters: SubmitRecordParameters,
): Promise<SubmitRecordReturnType> {
  const { record, parents, recordHash, start } = parameters;
  const data =
    start === null
      ? encodeFunctionData({
          abi: provenanceRegistryAbi,
          functionName: "recordProvenance",
          args: [record, parents],
        })
      : encodeFunctionData({
          abi: provenanceRegistryAbi,
          functionName: "submit",
          args: [toSubmission(connection, { record, parents, recordHash, start })],
        });
  const result = await transact(connection, { action: "submitRecord", to: connection.registry, data });
  return { ...result, recordHash };
}
