import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import { parseProof, type RecordProof } from "../../protocol/proof.ts";
import type { StemmaConnection } from "../connection.ts";
import { type QueryErrorName, query } from "./query.ts";

export type FetchProofParameters = { readonly recordHash: Hex };

export type FetchProofReturnType = RecordProof;

export type FetchProofErrorType = StemmaError<
  QueryErrorName | "RECORD_NOT_FOUND" | "PROOF_NOT_READY" | "PROOF_MALFORMED"
>;

const proofQuery = {
  name: "Proof",
  document: "query Proof($recordHash: Hex!) { proof(recordHash: $recordHash) { json } }",
  data: z.object({ proof: z.object({ json: z.string() }) }),
};

/**
 * The proof file of a record, from the indexer. Nothing in it is to be believed before it is verified.
 *
 * @throws FetchProofErrorType
 * @example
 * const proof = await client.fetchProof({ recordHash });
 * await writeFile("proof.json", JSON.stringify(proof, null, 2));
 */
export async function fetchProof(
  connection: StemmaConnection,
  parameters: FetchProofParameters,
): Promise<FetchProofReturnType> {
  const { proof } = await query(connection, proofQuery, parameters);
  return parseProof(proof.json);
}
