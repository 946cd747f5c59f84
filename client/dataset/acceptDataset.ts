import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type AcceptDatasetParameters = {
  readonly dataId: Hex;
};

export type AcceptDatasetReturnType = TransactionResult;

export type AcceptDatasetErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_DATASET_UNKNOWN" | "PROVENANCE_NOT_PENDING_OWNER"
>;

/**
 * Takes over a dataset that was offered to the account.
 *
 * @throws AcceptDatasetErrorType
 */
export async function acceptDataset(
  connection: StemmaConnection,
  parameters: AcceptDatasetParameters,
): Promise<AcceptDatasetReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "acceptDataset",
    args: [parameters.dataId],
  });
  return transact(connection, { action: "acceptDataset", to: connection.registry, data });
}
