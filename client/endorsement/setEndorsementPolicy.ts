import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

export type SetEndorsementPolicyParameters = {
  readonly dataId: Hex;
  readonly validators: readonly Hex[];
  readonly threshold: bigint;
};

export type SetEndorsementPolicyReturnType = TransactionResult;

export type SetEndorsementPolicyErrorType = StemmaError<
  | TransactErrorName
  | "PROVENANCE_DATASET_UNKNOWN"
  | "PROVENANCE_NOT_OWNER"
  | "PROVENANCE_POLICY_INVALID"
  | "PROVENANCE_ZERO_ADDRESS"
>;

/**
 * Sets who may endorse the dataset's records from now on, and how many of them a record needs to count as validated. No validators and
 * a threshold of 0 end the policy.
 *
 * @throws SetEndorsementPolicyErrorType
 */
export async function setEndorsementPolicy(
  connection: StemmaConnection,
  parameters: SetEndorsementPolicyParameters,
): Promise<SetEndorsementPolicyReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "setEndorsementPolicy",
    args: [parameters.dataId, parameters.validators, parameters.threshold],
  });
  return transact(connection, { action: "setEndorsementPolicy", to: connection.registry, data });
}
