import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type TransferNamespaceParameters = {
  readonly namespaceId: Hex;
  readonly to: Hex;
};

export type TransferNamespaceReturnType = TransactionResult;

export type TransferNamespaceErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_NAMESPACE_UNKNOWN" | "PROVENANCE_NOT_OWNER"
>;

/**
 * Offers the namespace to `to`, who has to accept. The zero address withdraws the offer.
 *
 * @throws TransferNamespaceErrorType
 */
export async function transferNamespace(
  connection: StemmaConnection,
  parameters: TransferNamespaceParameters,
): Promise<TransferNamespaceReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "transferNamespace",
    args: [parameters.namespaceId, parameters.to],
  });
  return transact(connection, { action: "transferNamespace", to: connection.registry, data });
}
