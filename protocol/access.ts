import { bytesToHex, type Hex } from "./bytes.ts";
import { type RecordDomain, type TypedField, typedDigest } from "./eip712.ts";

/** A read of data as the log carries it: the report with its reporter and its number among the dataset's reports. */
export type AccessRecord = {
  readonly dataId: Hex;
  /** The record whose data was read. */
  readonly recordHash: Hex;
  /** Pseudonym of the reader; never a name. */
  readonly reader: Hex;
  /** Encoded as an operation is. */
  readonly purpose: Hex;
  /** Salted commitment; zero where there is none. */
  readonly metadataHash: Hex;
  readonly reporter: Hex;
  readonly sequence: bigint;
  /** Claimed by the reporter, seconds since 1970. */
  readonly timestamp: bigint;
};

/** Fields of the struct, in the order that its hash covers them. */
export const ACCESS_FIELDS = [
  { name: "dataId", type: "bytes32" },
  { name: "recordHash", type: "bytes32" },
  { name: "reader", type: "bytes32" },
  { name: "purpose", type: "bytes32" },
  { name: "metadataHash", type: "bytes32" },
  { name: "reporter", type: "address" },
  { name: "sequence", type: "uint64" },
  { name: "timestamp", type: "uint64" },
] as const satisfies readonly TypedField[];

/**
 * EIP-712 digest of an access record.
 *
 * @throws INVALID_HEX, INVALID_NUMBER naming the field at fault.
 */
export function accessHash(domain: RecordDomain, access: AccessRecord): Hex {
  return bytesToHex(typedDigest(domain, "AccessRecord", ACCESS_FIELDS, access));
}
