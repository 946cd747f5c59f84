import { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import {
  type VerifyProofOnChainErrorType,
  type VerifyProofOnChainParameters,
  type VerifyProofOnChainReturnType,
  verifyProofOnChain,
} from "./verifyProofOnChain.ts";

export type CheckProofParameters = Pick<
  VerifyProofOnChainParameters,
  "proof" | "trust" | "origin" | "finality" | "validators"
>;

export type CheckProofReturnType = VerifyProofOnChainReturnType;

export type CheckProofErrorType = VerifyProofOnChainErrorType | StemmaError<"ANCHOR_ADDRESS_MISSING">;

/**
 * `verifyProofOnChain` against the client's own node and contracts.
 *
 * @throws CheckProofErrorType
 * @example
 * const { ok } = await client.checkProof({ proof: await client.fetchProof({ recordHash }) });
 */
export async function checkProof(
  connection: StemmaConnection,
  parameters: CheckProofParameters,
): Promise<CheckProofReturnType> {
  const { anchor, registry, transport, expected } = connection;
  if (anchor === null) throw new StemmaError("ANCHOR_ADDRESS_MISSING", { action: "checkProof" });
  return verifyProofOnChain({ ...parameters, transport, anchor, registry, ...expected });
}
