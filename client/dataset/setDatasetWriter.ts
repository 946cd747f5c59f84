import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type SetDatasetWriterParameters = {
  readonly dataId: Hex;
  readonly writer: Hex;
  readonly allowed: boolean;
};

export type SetDatasetWriterReturnType = TransactionResult;

export type SetDatasetWriterErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_DATASET_UNKNOWN" | "PROVENANCE_NOT_OWNER" | "PROVENANCE_ZERO_ADDRESS"
>;

/**
 * Lets `writer` append to one dataset, or takes that right back. For the owner only.
 *
 * @throws SetDatasetWriterErrorType
 */
export async function setDatasetWriter(
  connection: StemmaConnection,
  parameters: SetDatasetWriterParameters,
): Promise<SetDatasetWriterReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "setDatasetWriter",
    args: [parameters.dataId, parameters.writer, parameters.allowed],
  });
  return transact(connection, { action: "setDatasetWriter", to: connection.registry, data });
}
