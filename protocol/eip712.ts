import { concatBytes, type Hex, hexToBytes, utf8 } from "./bytes.ts";
import { StemmaError } from "./errors.ts";
import { keccak256 } from "./hash.ts";

/** The chain and the registry that a hash is bound to. */
export type RecordDomain = { readonly chainId: bigint; readonly registry: Hex };

/** A field of an EIP-712 struct: its name, and one of the static types that Stemma's structs use. */
export type TypedField = { readonly name: string; readonly type: "bytes32" | "address" | "uint64" };

const DOMAIN_NAME = "Stemma";
/** Version of the record's schema and of the EIP-712 domain. */
const DOMAIN_VERSION = "1";

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const BYTES_IN_WORD = 32;
const BITS = { uint64: 64n, uint256: 256n } as const;

/** An unsigned integer as one ABI word. @throws INVALID_NUMBER where it doesn't fit its type. */
export function uintWord(value: bigint, type: keyof typeof BITS, field: string): Uint8Array {
  if (typeof value !== "bigint" || value < 0n || value >> BITS[type] !== 0n) {
    throw new StemmaError("INVALID_NUMBER", { field, type, given: String(value) });
  }
  const word = new Uint8Array(BYTES_IN_WORD);
  let rest = value;
  for (let i = BYTES_IN_WORD - 1; rest > 0n; i--, rest >>= 8n) word[i] = Number(rest & 0xffn);
  return word;
}

/** An address as one ABI word. @throws INVALID_HEX */
function addressWord(address: string, field: string): Uint8Array {
  const word = new Uint8Array(BYTES_IN_WORD);
  word.set(hexToBytes(address, { bytes: 20, field }), 12);
  return word;
}

/** `encodeType` of EIP-712 for a struct of static fields. */
export function encodeType(primaryType: string, fields: readonly TypedField[]): string {
  return `${primaryType}(${fields.map(({ name, type }) => `${type} ${name}`).join(",")})`;
}

/** The EIP-712 domain as wallets and libraries expect it. */
export function typedDomain(domain: RecordDomain) {
  return {
    name: DOMAIN_NAME,
    version: DOMAIN_VERSION,
    chainId: domain.chainId,
    verifyingContract: domain.registry,
  };
}

/** Hash of the domain, 32 bytes. @throws INVALID_HEX, INVALID_NUMBER */
export function domainSeparator(domain: RecordDomain): Uint8Array {
  return keccak256(
    concatBytes(
      keccak256(utf8(DOMAIN_TYPE)),
      keccak256(utf8(DOMAIN_NAME)),
      keccak256(utf8(DOMAIN_VERSION)),
      uintWord(domain.chainId, "uint256", "chainId"),
      addressWord(domain.registry, "registry"),
    ),
  );
}

/**
 * EIP-712 digest, `keccak256(0x1901 || domainSeparator || hashStruct)`, of a struct that holds static fields only.
 *
 * @throws INVALID_HEX, INVALID_NUMBER naming the field at fault.
 */
export function typedDigest(
  domain: RecordDomain,
  primaryType: string,
  fields: readonly TypedField[],
  values: Readonly<Record<string, Hex | bigint>>,
): Uint8Array {
  const words = [keccak256(utf8(encodeType(primaryType, fields)))];
  for (const field of fields) words.push(encodeField(field, values[field.name]));
  const structHash = keccak256(concatBytes(...words));
  return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), domainSeparator(domain), structHash));
}

function encodeField({ name, type }: TypedField, value: Hex | bigint | undefined): Uint8Array {
  if (type === "uint64") {
    if (typeof value === "bigint") return uintWord(value, "uint64", name);
    throw new StemmaError("INVALID_NUMBER", { field: name, type, given: String(value) });
  }
  const text = String(value);
  return type === "address"
    ? addressWord(text, name)
    : hexToBytes(text, { bytes: BYTES_IN_WORD, field: name });
}
