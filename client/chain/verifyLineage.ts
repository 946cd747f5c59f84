import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { ProvenanceRecord } from "../../protocol/record.ts";
import type { StemmaConnection } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type VerifyLineageParameters = {
  /** Records, the youngest first; the last one has neither a previous record nor parents. */
  readonly path: readonly ProvenanceRecord[];
  /** For each record of the path, all its parent hashes, ascending. */
  readonly parents: readonly (readonly Hex[])[];
};

export type VerifyLineageReturnType = boolean;

export type VerifyLineageErrorType = StemmaError<ReadErrorName>;

/**
 * True where the path leads from its first record to an origin, each step to the previous record or to a parent. The contract checks it.
 *
 * @throws VerifyLineageErrorType
 */
export async function verifyLineage(
  connection: StemmaConnection,
  parameters: VerifyLineageParameters,
): Promise<VerifyLineageReturnType> {
  return readRegistry(connection, "verifyLineage", [parameters.path, parameters.parents]);
}
