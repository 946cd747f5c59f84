import { bytesToHex, type Hex, hexToBytes, ZERO_HASH } from "./bytes.ts";
import { type RecordDomain, type TypedField, typedDigest, typedDomain, uintWord } from "./eip712.ts";
import { StemmaError } from "./errors.ts";
import { decodeOperation } from "./operation.ts";

export type { RecordDomain } from "./eip712.ts";

/** One step in the history of a dataset: the EIP-712 struct that agents sign. */
export type ProvenanceRecord = {
  readonly dataId: Hex;
  /** Digest of the data's bytes, or a salted commitment where they are personal. Never zero. */
  readonly dataHash: Hex;
  /** The head that the agent saw; {@link ZERO_HASH} for a dataset's first record. */
  readonly previousHash: Hex;
  readonly parentsHash: Hex;
  /** See `encodeOperation`. */
  readonly operation: Hex;
  /** Salted commitment to metadata kept off chain; {@link ZERO_HASH} where there is none. */
  readonly metadataHash: Hex;
  /** Owner of the dataset when the record was made. */
  readonly dataOwner: Hex;
  /** Claimed by the agent, seconds since 1970. */
  readonly timestamp: bigint;
};

/** Fields of the struct, in the order that its hash covers them. */
export const RECORD_FIELDS = [
  { name: "dataId", type: "bytes32" },
  { name: "dataHash", type: "bytes32" },
  { name: "previousHash", type: "bytes32" },
  { name: "parentsHash", type: "bytes32" },
  { name: "operation", type: "bytes32" },
  { name: "metadataHash", type: "bytes32" },
  { name: "dataOwner", type: "address" },
  { name: "timestamp", type: "uint64" },
] as const satisfies readonly TypedField[];

const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

/**
 * A record's identity: its EIP-712 digest, which is signed, linked, stored and logged alike.
 *
 * @throws INVALID_HEX, INVALID_NUMBER naming the field at fault.
 */
export function recordHash(domain: RecordDomain, record: ProvenanceRecord): Hex {
  return bytesToHex(typedDigest(domain, "ProvenanceRecord", RECORD_FIELDS, record));
}

/** A record as typed data, fit for the `signTypedData` of viem, ethers and wallets. */
export function recordTypedData(domain: RecordDomain, record: ProvenanceRecord) {
  return {
    domain: typedDomain(domain),
    types: { ProvenanceRecord: RECORD_FIELDS },
    primaryType: "ProvenanceRecord",
    message: record,
  } as const;
}

/**
 * Checks what can be known without the chain: every field's shape, and the rules that the contract holds for each record.
 *
 * @throws INVALID_HEX, INVALID_NUMBER, INVALID_OPERATION, RECORD_FIELD_ZERO
 */
export function validateRecord(record: ProvenanceRecord): void {
  for (const { name, type } of RECORD_FIELDS) {
    if (type !== "uint64") hexToBytes(record[name], { bytes: type === "address" ? 20 : 32, field: name });
  }
  uintWord(record.timestamp, "uint64", "timestamp");
  decodeOperation(record.operation);
  if (record.dataId === ZERO_HASH) throw new StemmaError("RECORD_FIELD_ZERO", { field: "dataId" });
  if (record.dataHash === ZERO_HASH) throw new StemmaError("RECORD_FIELD_ZERO", { field: "dataHash" });
  if (record.dataOwner === ZERO_ADDRESS) throw new StemmaError("RECORD_FIELD_ZERO", { field: "dataOwner" });
  if (record.timestamp === 0n) throw new StemmaError("RECORD_FIELD_ZERO", { field: "timestamp" });
}
