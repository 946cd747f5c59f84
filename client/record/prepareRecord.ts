import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { dataIdOf, nameHash, namespaceId } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { parentsHash, sortParents } from "../../protocol/parents.ts";
import { type ProvenanceRecord, recordHash, validateRecord } from "../../protocol/record.ts";
import { datasetOwner } from "../chain/datasetOwner.ts";
import { getLatestHash } from "../chain/getLatestHash.ts";
import type { ReadErrorName } from "../chain/readRegistry.ts";
import { lowerHex, requireAccount, type StemmaConnection } from "../connection.ts";

/** Which dataset: by its names, or by its id alone where it exists already. */
export type DatasetReference =
  | { readonly namespace: string; readonly name: string }
  | { readonly dataId: Hex };

export type PrepareRecordParameters = DatasetReference & {
  /** Digest of the data's bytes, see `hashFile`; or a salted commitment where the data is personal. */
  readonly dataHash: Hex;
  /** CREATE, TRANSFORM, DERIVE, TRANSFER, ACCESS, CORRECT, REVOKE, ERASE, or an own name. */
  readonly operation: string;
  /** Record hashes of the inputs, in any order. */
  readonly parents?: readonly Hex[];
  /** Salted commitment to metadata that stays off chain. */
  readonly metadataHash?: Hex;
  /** The dataset's head; read from the chain by default. With `dataOwner` given too, nothing but the chain id is asked for. */
  readonly previousHash?: Hex;
  /** Owner of the dataset; read from the chain by default, the account itself for a dataset that starts. */
  readonly dataOwner?: Hex;
  /** Seconds since 1970; now by default. */
  readonly timestamp?: bigint;
  /** False keeps the name of a dataset that starts off the chain: only its hash is published. */
  readonly publishName?: boolean;
};

/** How a dataset comes into being, beside its first record. */
export type DatasetStart = { readonly namespaceId: Hex; readonly nameHash: Hex; readonly name: string };

/** A record that is complete but for a signature. */
export type PreparedRecord = {
  readonly record: ProvenanceRecord;
  /** Ascending. */
  readonly parents: readonly Hex[];
  readonly recordHash: Hex;
  /** Not null where this record starts its dataset. */
  readonly start: DatasetStart | null;
};

export type PrepareRecordReturnType = PreparedRecord;

export type PrepareRecordErrorType = StemmaError<
  | ReadErrorName
  | "ACCOUNT_MISSING"
  | "DATASET_NOT_FOUND"
  | "INVALID_HEX"
  | "INVALID_OPERATION"
  | "RECORD_FIELD_ZERO"
>;

/**
 * Completes a record: previous hash and owner from the chain, the time from the clock, the hash over the parents. It starts the
 * dataset where that has not happened yet. The record is good until someone else writes to the dataset.
 *
 * @throws PrepareRecordErrorType
 * @example
 * const prepared = await client.prepareRecord({
 *   namespace: "example.com/sales", name: "orders.csv", dataHash: await hashFile("orders.csv"), operation: "CREATE",
 * });
 */
export async function prepareRecord(
  connection: StemmaConnection,
  parameters: PrepareRecordParameters,
): Promise<PrepareRecordReturnType> {
  const parents = sortParents(parameters.parents ?? []);
  const names = namesOf(parameters);
  const dataId = names === null ? dataIdGiven(parameters) : dataIdOf(names.namespaceId, names.nameHash);
  const [previousHash, owner] = await Promise.all([
    parameters.previousHash ?? getLatestHash(connection, { dataId }),
    parameters.dataOwner ?? ownerOf(connection, dataId),
  ]);
  const starts = previousHash === ZERO_HASH;
  if (starts && names === null) throw new StemmaError("DATASET_NOT_FOUND", { dataset: dataId });
  const record: ProvenanceRecord = {
    dataId,
    dataHash: lowerHex(parameters.dataHash),
    previousHash: lowerHex(previousHash),
    parentsHash: parentsHash(parents),
    operation: encodeOperation(parameters.operation),
    metadataHash: lowerHex(parameters.metadataHash ?? ZERO_HASH),
    dataOwner: lowerHex(owner ?? requireAccount(connection, "prepareRecord").address),
    timestamp: parameters.timestamp ?? BigInt(Math.floor(connection.clock() / 1000)),
  };
  validateRecord(record);
  const hash = recordHash(await connection.domain(), record);
  return { record, parents, recordHash: hash, start: starts ? names : null };
}

async function ownerOf(connection: StemmaConnection, dataId: Hex): Promise<Hex | null> {
  const { owner } = await datasetOwner(connection, { dataId });
  return BigInt(owner) === 0n ? null : owner;
}

function namesOf(parameters: PrepareRecordParameters): DatasetStart | null {
  if (!("namespace" in parameters)) return null;
  return {
    namespaceId: namespaceId(parameters.namespace),
    nameHash: nameHash(parameters.name),
    name: parameters.publishName === false ? "" : parameters.name,
  };
}

function dataIdGiven(parameters: PrepareRecordParameters): Hex {
  if ("dataId" in parameters) return lowerHex(parameters.dataId);
  throw new StemmaError("DATASET_NOT_FOUND", { dataset: "that is not named" });
}
