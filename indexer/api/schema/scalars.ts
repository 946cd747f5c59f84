import { GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { bytesToHex, hexToBytes } from "../../../protocol/bytes.ts";
import { StemmaError } from "../../../protocol/errors.ts";

/** Longer numbers can't be quantities of a chain: 2^256 has 78 digits. */
const MAX_DIGITS = 78;
/** Bytes that a hex argument may hold; hashes have 32, addresses 20. */
const MAX_HEX_BYTES = 64;

export const hexScalar = new GraphQLScalarType<Uint8Array, string>({
  name: "Hex",
  description:
    "Bytes as `0x` followed by lower-case hexadecimal digits: hashes (32 bytes), addresses (20 bytes).",
  serialize: (value) => bytesToHex(value instanceof Uint8Array ? value : new Uint8Array()),
  parseValue: parseHex,
  parseLiteral: (node) => parseHex(literal(node)),
});

export const bigIntScalar = new GraphQLScalarType<bigint, string>({
  name: "BigInt",
  description:
    "A whole number as a decimal string, because JSON numbers end at 2^53. Arguments may also be plain integers.",
  serialize: (value) => String(value),
  parseValue: parseBigInt,
  parseLiteral: (node) => parseBigInt(literal(node)),
});

export const dateTimeScalar = new GraphQLScalarType<number, string>({
  name: "DateTime",
  description: "A time of the indexer, ISO 8601 in UTC with milliseconds.",
  serialize: (value) => new Date(Number(value)).toISOString(),
});

function literal(node: ValueNode): unknown {
  return node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : undefined;
}

function parseHex(value: unknown): Uint8Array {
  if (typeof value !== "string" || value.length > 2 + MAX_HEX_BYTES * 2) {
    throw new StemmaError("ARGUMENT_INVALID", {
      argument: "A Hex value",
      problem: `it must be a string of at most ${MAX_HEX_BYTES} bytes`,
    });
  }
  return hexToBytes(value);
}

function parseBigInt(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && value.length <= MAX_DIGITS && /^-?[0-9]+$/.test(value))
    return BigInt(value);
  throw new StemmaError("ARGUMENT_INVALID", {
    argument: "A BigInt value",
    problem: "it must be a decimal string or an integer",
  });
}
