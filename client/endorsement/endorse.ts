import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";
import type { SignedEndorsement } from "./signEndorsement.ts";

export type EndorseParameters = {
  readonly dataId: Hex;
  readonly recordHash: Hex;
  readonly endorsements: readonly SignedEndorsement[];
};

export type EndorseReturnType = TransactionResult;

export type EndorseErrorType = StemmaError<
  | TransactErrorName
  | "PROVENANCE_RECORD_UNKNOWN"
  | "PROVENANCE_RECORD_NOT_IN_DATASET"
  | "PROVENANCE_POLICY_NONE"
  | "PROVENANCE_VALIDATOR_UNKNOWN"
  | "PROVENANCE_VALIDATOR_DUPLICATE"
  | "PROVENANCE_SIGNATURE_INVALID"
  | "PROVENANCE_BATCH_EMPTY"
>;

/**
 * Submits validators' signatures over a record; anyone may do so. They count under the policy in force when the record was accepted.
 *
 * @throws EndorseErrorType
 */
export async function endorse(
  connection: StemmaConnection,
  parameters: EndorseParameters,
): Promise<EndorseReturnType> {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "endorse",
    args: [parameters.dataId, parameters.recordHash, parameters.endorsements],
  });
  return transact(connection, { action: "endorse", to: connection.registry, data });
}
