import { ACCESS_FIELDS } from "../../protocol/access.ts";
import { hexToBytes, utf8 } from "../../protocol/bytes.ts";
import { domainSeparator, encodeType, type RecordDomain, type TypedField } from "../../protocol/eip712.ts";
import { ENDORSEMENT_FIELDS } from "../../protocol/endorsement.ts";
import { NO_PARENTS_HASH } from "../../protocol/parents.ts";
import { RECORD_FIELDS } from "../../protocol/record.ts";
import { fastKeccak } from "./keccak.ts";
import { WORD } from "./logBytes.ts";

/** EIP-712 digest of a struct whose fields come as 32-byte words in the struct's order. */
type Digest = (words: readonly Uint8Array[]) => Uint8Array;

/** The hashes that events claim, computed anew from their fields. The twin of protocol/record.ts and its like, over bytes. */
export type Digests = {
  readonly record: Digest;
  readonly access: Digest;
  readonly endorsement: Digest;
};

const NO_PARENTS = hexToBytes(NO_PARENTS_HASH);

/** @throws INVALID_HEX, INVALID_NUMBER where the domain is none. */
export function createDigests(domain: RecordDomain): Digests {
  const separator = domainSeparator(domain);
  return {
    record: createDigest(separator, "ProvenanceRecord", RECORD_FIELDS),
    access: createDigest(separator, "AccessRecord", ACCESS_FIELDS),
    endorsement: createDigest(separator, "Endorsement", ENDORSEMENT_FIELDS),
  };
}

/** Commitment to parents that lie one after the other in `packed`. */
export function parentsDigest(packed: Uint8Array): Uint8Array {
  return packed.length === 0 ? NO_PARENTS : fastKeccak(packed);
}

function createDigest(separator: Uint8Array, name: string, fields: readonly TypedField[]): Digest {
  const struct = new Uint8Array(WORD * (fields.length + 1));
  struct.set(fastKeccak(utf8(encodeType(name, fields))));
  const envelope = new Uint8Array(2 + 2 * WORD);
  envelope.set([0x19, 0x01]);
  envelope.set(separator, 2);
  return (words) => {
    let offset = WORD;
    for (const word of words) {
      struct.set(word, offset);
      offset += WORD;
    }
    envelope.set(fastKeccak(struct), 2 + WORD);
    return fastKeccak(envelope);
  };
}
