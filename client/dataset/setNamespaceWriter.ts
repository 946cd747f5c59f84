import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type SetNamespaceWriterParameters = {
  readonly namespaceId: Hex;
  readonly writer: Hex;
  readonly allowed: boolean;
};

export type SetNamespaceWriterReturnType = TransactionResult;

export type SetNamespaceWriterErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_NAMESPACE_UNKNOWN" | "PROVENANCE_NOT_OWNER" | "PROVENANCE_ZERO_ADDRESS"
>;

/**
 * Lets `writer` start datasets in the namespace and append to its datasets, or takes that right back. For the owner only.
 *
 * @throws SetNamespaceWriterErrorType
 */
export async function setNamespaceWriter(
  connection: StemmaConnection,
  parameters: SetNamespaceWriterParameters,
): Promise<SetNamespaceWriterReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "setNamespaceWriter",
    args: [parameters.namespaceId, parameters.writer, parameters.allowed],
  });
  return transact(connection, { action: "setNamespaceWriter", to: connection.registry, data });
}
