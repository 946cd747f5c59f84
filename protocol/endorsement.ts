import { bytesToHex, type Hex } from "./bytes.ts";
import { type RecordDomain, type TypedField, typedDigest, typedDomain } from "./eip712.ts";

/** A validator's word for a record, under one version of the dataset's policy. */
export type Endorsement = {
  readonly recordHash: Hex;
  readonly validator: Hex;
  readonly policyVersion: bigint;
};

/** Fields of the struct, in the order that its hash covers them. */
export const ENDORSEMENT_FIELDS = [
  { name: "recordHash", type: "bytes32" },
  { name: "validator", type: "address" },
  { name: "policyVersion", type: "uint64" },
] as const satisfies readonly TypedField[];

/**
 * EIP-712 digest that a validator signs.
 *
 * @throws INVALID_HEX, INVALID_NUMBER naming the field at fault.
 */
export function endorsementHash(domain: RecordDomain, endorsement: Endorsement): Hex {
  return bytesToHex(typedDigest(domain, "Endorsement", ENDORSEMENT_FIELDS, endorsement));
}

/** An endorsement as typed data, fit for the `signTypedData` of viem, ethers and wallets. */
export function endorsementTypedData(domain: RecordDomain, endorsement: Endorsement) {
  return {
    domain: typedDomain(domain),
    types: { Endorsement: ENDORSEMENT_FIELDS },
    primaryType: "Endorsement",
    message: endorsement,
  } as const;
}
