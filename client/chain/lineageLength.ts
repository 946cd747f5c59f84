import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type LineageLengthParameters = {
  readonly dataId: Hex;
};

export type LineageLengthReturnType = bigint;

export type LineageLengthErrorType = StemmaError<ReadErrorName>;

/**
 * Number of records in a dataset's history.
 *
 * @throws LineageLengthErrorType
 */
export async function lineageLength(
  connection: StemmaConnection,
  parameters: LineageLengthParameters,
): Promise<LineageLengthReturnType> {
  return readRegistry(connection, "lineageLength", [parameters.dataId]);
}
