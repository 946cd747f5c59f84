import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { namespaceId } from "../../protocol/dataset.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type RegisterNamespaceParameters = {
  /** 1 to 512 bytes of UTF-8. */
  readonly namespace: string;
};

export type RegisterNamespaceReturnType = TransactionResult & { readonly namespaceId: Hex };

export type RegisterNamespaceErrorType = StemmaError<
  TransactErrorName | "PROVENANCE_NAMESPACE_INVALID" | "PROVENANCE_NAMESPACE_TAKEN"
>;

/**
 * Registers a namespace to the account, which from then on names its writers.
 *
 * @throws RegisterNamespaceErrorType
 * @example
 * const { namespaceId } = await client.registerNamespace({ namespace: "example.com/sales" });
 */
export async function registerNamespace(
  connection: StemmaConnection,
  parameters: RegisterNamespaceParameters,
): Promise<RegisterNamespaceReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "registerNamespace",
    args: [parameters.namespace],
  });
  const result = await transact(connection, { action: "registerNamespace", to: connection.registry, data });
  return { ...result, namespaceId: namespaceId(parameters.namespace) };
}
