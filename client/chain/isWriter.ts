import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type IsWriterParameters = {
  readonly dataId: Hex;
  readonly account: Hex;
};

export type IsWriterReturnType = boolean;

export type IsWriterErrorType = StemmaError<ReadErrorName>;

/**
 * True where the account may append to the dataset, as its owner or as a writer of it or of its namespace.
 *
 * @throws IsWriterErrorType
 */
export async function isWriter(
  connection: StemmaConnection,
  parameters: IsWriterParameters,
): Promise<IsWriterReturnType> {
  return readRegistry(connection, "isWriter", [parameters.dataId, parameters.account]);
}
