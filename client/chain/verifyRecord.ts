import type { StemmaError } from "../../protocol/errors.ts";
import type { ProvenanceRecord } from "../../protocol/record.ts";
import type { StemmaConnection } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type VerifyRecordParameters = {
  readonly record: ProvenanceRecord;
};

export type VerifyRecordReturnType = boolean;

export type VerifyRecordErrorType = StemmaError<ReadErrorName>;

/**
 * True where exactly these fields were accepted as a record: the contract hashes them again.
 *
 * @throws VerifyRecordErrorType
 */
export async function verifyRecord(
  connection: StemmaConnection,
  parameters: VerifyRecordParameters,
): Promise<VerifyRecordReturnType> {
  return readRegistry(connection, "verifyRecord", [parameters.record]);
}
