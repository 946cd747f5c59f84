import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type AcceptNamespaceParameters = {
  readonly namespaceId: Hex;
};

export type AcceptNamespaceReturnType = TransactionResult;

export type AcceptNamespaceErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_NAMESPACE_UNKNOWN" | "PROVENANCE_NOT_PENDING_OWNER"
>;

/**
 * Takes over a namespace that was offered to the account.
 *
 * @throws AcceptNamespaceErrorType
 */
export async function acceptNamespace(
  connection: StemmaConnection,
  parameters: AcceptNamespaceParameters,
): Promise<AcceptNamespaceReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "acceptNamespace",
    args: [parameters.namespaceId],
  });
  return transact(connection, { action: "acceptNamespace", to: connection.registry, data });
}
