import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type GetLatestHashParameters = {
  readonly dataId: Hex;
};

export type GetLatestHashReturnType = Hex;

export type GetLatestHashErrorType = StemmaError<ReadErrorName>;

/**
 * Head of a dataset: the hash of its latest record, `ZERO_HASH` for a dataset that has not started.
 *
 * @throws GetLatestHashErrorType
 */
export async function getLatestHash(
  connection: StemmaConnection,
  parameters: GetLatestHashParameters,
): Promise<GetLatestHashReturnType> {
  return readRegistry(connection, "getLatestHash", [parameters.dataId]);
}
