import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactionResult, transact } from "../transaction/transact.ts";
import type { SignedRecord } from "./signRecord.ts";
import type { SubmitErrorName } from "./submitErrors.ts";
import { toSubmission } from "./toSubmission.ts";

export type SubmitSignedParameters = SignedRecord;

export type SubmitSignedReturnType = TransactionResult & { readonly recordHash: Hex };

export type SubmitSignedErrorType = StemmaError<SubmitErrorName>;

/**
 * Submits a record that its agent signed. The account only pays: it may be anyone's.
 *
 * @throws SubmitSignedErrorType
 */
export async function submitSigned(
  connection: StemmaConnection,
  parameters: SubmitSignedParameters,
): Promise<SubmitSignedReturnType> {
  const { record, parents, agent, signature, recordHash, start } = parameters;
  const data =
    start === null
      ? encodeFunctionData({
          abi: provenanceRegistryAbi,
          functionName: "recordProvenanceSigned",
          args: [record, parents, agent, signature],
        })
      : encodeFunctionData({
          abi: provenanceRegistryAbi,
          functionName: "submit",
          args: [toSubmission(connection, parameters)],
        });
  const result = await transact(connection, { action: "submitSigned", to: connection.registry, data });
  return { ...result, recordHash };
}
