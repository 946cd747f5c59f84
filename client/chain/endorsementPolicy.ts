import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { lowerHex } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type EndorsementPolicyParameters = {
  readonly dataId: Hex;
};

export type EndorsementPolicyReturnType = {
  readonly version: bigint;
  readonly threshold: bigint;
  readonly validators: readonly Hex[];
};

export type EndorsementPolicyErrorType = StemmaError<ReadErrorName>;

/**
 * Endorsement policy of a dataset; version 0 where there never was one.
 *
 * @throws EndorsementPolicyErrorType
 */
export async function endorsementPolicy(
  connection: StemmaConnection,
  parameters: EndorsementPolicyParameters,
): Promise<EndorsementPolicyReturnType> {
  const [version, threshold, validators] = await readRegistry(connection, "endorsementPolicy", [
    parameters.dataId,
  ]);
  return { version, threshold, validators: validators.map(lowerHex) };
}
