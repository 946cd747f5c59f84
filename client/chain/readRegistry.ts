import type { ContractFunctionArgs, ContractFunctionName, ReadContractReturnType } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { StemmaConnection } from "../connection.ts";
import { toStemmaError } from "../transaction/toStemmaError.ts";

type Abi = typeof provenanceRegistryAbi;
type ViewName = ContractFunctionName<Abi, "view">;

/** Names of the errors that any read of the chain may end with. */
export type ReadErrorName =
  | "WRONG_CHAIN"
  | "RPC_UNAVAILABLE"
  | "RPC_REPLY_INVALID"
  | "CONTRACT_MISSING"
  | "CONTRACT_ERROR_UNKNOWN";

/** Calls a view of the registry on the latest block. @throws ReadErrorName */
export async function readRegistry<Name extends ViewName>(
  connection: StemmaConnection,
  functionName: Name,
  args: ContractFunctionArgs<Abi, "view", Name>,
): Promise<ReadContractReturnType<Abi, Name>> {
  await connection.domain();
  try {
    const answer = await connection.publicClient.readContract({
      abi: provenanceRegistryAbi as Abi,
      address: connection.registry,
      functionName,
      args,
    } as never);
    // viem decodes by the same ABI that this type is derived from.
    return answer as ReadContractReturnType<Abi, Name>;
  } catch (error) {
    throw toStemmaError(error, connection.rpcUrl, undefined, {
      contract: "ProvenanceRegistry",
      address: connection.registry,
    });
  }
}
