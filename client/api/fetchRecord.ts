import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type QueryErrorName, query } from "./query.ts";
import { endorsementShape, RECORD_FIELDS, recordShape, statesShape } from "./shapes.ts";

export type FetchRecordParameters = { readonly recordHash: Hex };

const shape = recordShape.extend({ states: statesShape, endorsements: z.array(endorsementShape) });

/** A record as the indexer knows it, with the times of its states and its endorsements. */
export type FetchRecordReturnType = z.output<typeof shape>;

export type FetchRecordErrorType = StemmaError<QueryErrorName | "RECORD_NOT_FOUND">;

const recordQuery = {
  name: "Record",
  document: `query Record($recordHash: Hex!) {
  record(recordHash: $recordHash) {
    ...RecordFields
    states { state acceptedAt sequencedAt integratedAt anchoredAt finalAt }
    endorsements { endorsementHash recordHash validator policyVersion transactionHash }
  }
}
${RECORD_FIELDS}`,
  data: z.object({ record: shape.nullable() }),
};

/**
 * A record by its hash, from the indexer. It is the indexer's word: prove it with `fetchProof` and `verifyProofOnChain`.
 *
 * @throws FetchRecordErrorType
 */
export async function fetchRecord(
  connection: StemmaConnection,
  parameters: FetchRecordParameters,
): Promise<FetchRecordReturnType> {
  const { record } = await query(connection, recordQuery, parameters);
  if (record === null) throw new StemmaError("RECORD_NOT_FOUND", { recordHash: parameters.recordHash });
  return record;
}
