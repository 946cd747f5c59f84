import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

/** In the order of the contract's enum. */
const RECORD_STATUSES = ["UNKNOWN", "ACTIVE", "CORRECTED", "REVOKED", "ERASED"] as const;

export type RecordStatus = (typeof RECORD_STATUSES)[number];

export type RecordInfoParameters = {
  readonly recordHash: Hex;
};

export type RecordInfoReturnType = {
  /** Block that accepted the record; 0 for an unknown record. */
  readonly blockNumber: bigint;
  /** Position in the dataset's history, from 1. */
  readonly sequence: bigint;
  /** Version of the endorsement policy in force when the record was accepted; 0 for none. */
  readonly policyVersion: bigint;
  readonly status: RecordStatus;
  readonly endorsementCount: bigint;
  readonly validated: boolean;
};

export type RecordInfoErrorType = StemmaError<ReadErrorName>;

/**
 * What the registry keeps of a record. An unknown record has the status UNKNOWN.
 *
 * @throws RecordInfoErrorType
 */
export async function recordInfo(
  connection: StemmaConnection,
  parameters: RecordInfoParameters,
): Promise<RecordInfoReturnType> {
  const info = await readRegistry(connection, "recordInfo", [parameters.recordHash]);
  return { ...info, status: RECORD_STATUSES[info.status] ?? "UNKNOWN" };
}
