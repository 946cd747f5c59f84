import type { Hex } from "../../protocol/bytes.ts";
import { namespaceId } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type PrepareRecordErrorType, type PrepareRecordParameters, prepareRecord } from "./prepareRecord.ts";
import { type SubmitRecordErrorType, type SubmitRecordReturnType, submitRecord } from "./submitRecord.ts";

export type StartDatasetParameters = Omit<
  PrepareRecordParameters,
  "operation" | "previousHash" | "dataId"
> & {
  readonly namespace: string;
  readonly name: string;
  /** CREATE by default. */
  readonly operation?: string;
};

export type StartDatasetReturnType = SubmitRecordReturnType & { readonly dataId: Hex };

export type StartDatasetErrorType = PrepareRecordErrorType | SubmitRecordErrorType;

/**
 * Starts a dataset with its first record. The account must own or write the namespace.
 *
 * @throws StartDatasetErrorType
 * @example
 * await client.startDataset({ namespace: "example.com/sales", name: "orders.csv", dataHash });
 */
export async function startDataset(
  connection: StemmaConnection,
  parameters: StartDatasetParameters,
): Promise<StartDatasetReturnType> {
  const prepared = await prepareRecord(connection, { operation: "CREATE", ...parameters });
  const { dataId } = prepared.record;
  if (prepared.start === null) {
    throw new StemmaError("PROVENANCE_DATASET_START_UNEXPECTED", {
      dataId,
      namespaceId: namespaceId(parameters.namespace),
    });
  }
  return { ...(await submitRecord(connection, prepared)), dataId };
}
