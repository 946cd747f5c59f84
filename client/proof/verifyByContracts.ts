import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { bytesToHex, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { logId, parseCheckpoint } from "../../protocol/checkpoint.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { encodeLeaf } from "../../protocol/leaf.ts";
import { type RecordProof, recordOf } from "../../protocol/proof.ts";
import type { ReadErrorName } from "../chain/readRegistry.ts";
import { verifyRecord } from "../chain/verifyRecord.ts";
import type { StemmaConnection } from "../connection.ts";
import { toStemmaError } from "../transaction/toStemmaError.ts";

export type VerifyByContractsParameters = { readonly proof: RecordProof };

/** What each contract said. The proof holds where both are true. */
export type VerifyByContractsReturnType = {
  /** The registry hashed the fields again and knows the result as a record. */
  readonly record: boolean;
  /** The anchor found the record's hash at its place under a checkpoint anchored before. */
  readonly inclusion: boolean;
};

export type VerifyByContractsErrorType = StemmaError<
  ReadErrorName | "NOTE_MALFORMED" | "CHECKPOINT_MALFORMED" | "ANCHOR_ADDRESS_MISSING"
>;

/**
 * Lets the contracts themselves check a proof: `ProvenanceRegistry.verifyRecord` and `CheckpointAnchor.verifyInclusion`. This is what
 * another contract would do with it; {@link verifyProofOnChain} checks more, and trusts the node less.
 *
 * @throws VerifyByContractsErrorType
 */
export async function verifyByContracts(
  connection: StemmaConnection,
  parameters: VerifyByContractsParameters,
): Promise<VerifyByContractsReturnType> {
  const { proof } = parameters;
  if (connection.anchor === null) {
    throw new StemmaError("ANCHOR_ADDRESS_MISSING", { action: "verifyByContracts" });
  }
  const record = await verifyRecord(connection, { record: recordOf(proof) });
  const { origin, size } = parseCheckpoint(proof.checkpoint);
  const leafData = bytesToHex(encodeLeaf(proof.leaf.kind, hexToBytes(proof.leaf.hash)));
  const inclusion = await readInclusion(connection, connection.anchor, [
    logId(origin),
    size,
    BigInt(proof.inclusion.index),
    leafData,
    proof.inclusion.path,
  ]);
  return { record, inclusion };
}

async function readInclusion(
  connection: StemmaConnection,
  address: Hex,
  args: readonly [Hex, bigint, bigint, Hex, readonly Hex[]],
): Promise<boolean> {
  try {
    return await connection.publicClient.readContract({
      abi: checkpointAnchorAbi,
      address,
      functionName: "verifyInclusion",
      args,
    });
  } catch (error) {
    throw toStemmaError(error, connection.rpcUrl, undefined, { contract: "CheckpointAnchor", address });
  }
}
