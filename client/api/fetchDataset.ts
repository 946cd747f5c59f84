import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type QueryErrorName, query } from "./query.ts";
import { DATASET_FIELDS, type DatasetView, datasetShape } from "./shapes.ts";

export type FetchDatasetParameters =
  | { readonly dataId: Hex }
  | { readonly namespace: string; readonly name: string };

export type FetchDatasetReturnType = DatasetView;

export type FetchDatasetErrorType = StemmaError<QueryErrorName | "DATASET_NOT_FOUND">;

const datasetQuery = {
  name: "Dataset",
  document: `query Dataset($dataId: Hex, $namespace: String, $name: String) {
  dataset(dataId: $dataId, namespace: $namespace, name: $name) { ...DatasetFields }
}
${DATASET_FIELDS}`,
  data: z.object({ dataset: datasetShape.nullable() }),
};

/**
 * A dataset with its head and the number of its records, by id or by names.
 *
 * @throws FetchDatasetErrorType
 */
export async function fetchDataset(
  connection: StemmaConnection,
  parameters: FetchDatasetParameters,
): Promise<FetchDatasetReturnType> {
  const { dataset } = await query(connection, datasetQuery, parameters);
  if (dataset !== null) return dataset;
  const named = "dataId" in parameters ? parameters.dataId : `${parameters.namespace} / ${parameters.name}`;
  throw new StemmaError("DATASET_NOT_FOUND", { dataset: named });
}
