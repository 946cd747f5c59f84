import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type TransferDatasetParameters = {
  readonly dataId: Hex;
  readonly to: Hex;
};

export type TransferDatasetReturnType = TransactionResult;

export type TransferDatasetErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_DATASET_UNKNOWN" | "PROVENANCE_NOT_OWNER"
>;

/**
 * Offers the dataset to `to`, who has to accept. The zero address withdraws the offer.
 *
 * @throws TransferDatasetErrorType
 */
export async function transferDataset(
  connection: StemmaConnection,
  parameters: TransferDatasetParameters,
): Promise<TransferDatasetReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "transferDataset",
    args: [parameters.dataId, parameters.to],
  });
  return transact(connection, { action: "transferDataset", to: connection.registry, data });
}
