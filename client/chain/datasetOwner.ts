import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { lowerHex } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type DatasetOwnerParameters = {
  readonly dataId: Hex;
};

export type DatasetOwnerReturnType = {
  readonly owner: Hex;
  readonly pendingOwner: Hex;
  readonly namespaceId: Hex;
};

export type DatasetOwnerErrorType = StemmaError<ReadErrorName>;

/**
 * Who owns a dataset, to whom it is offered, and the namespace that it belongs to; zeros where there is none.
 *
 * @throws DatasetOwnerErrorType
 */
export async function datasetOwner(
  connection: StemmaConnection,
  parameters: DatasetOwnerParameters,
): Promise<DatasetOwnerReturnType> {
  const [owner, pendingOwner, namespaceId] = await readRegistry(connection, "datasetOwner", [
    parameters.dataId,
  ]);
  return { owner: lowerHex(owner), pendingOwner: lowerHex(pendingOwner), namespaceId };
}
