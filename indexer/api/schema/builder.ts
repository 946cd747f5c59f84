import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import RelayPlugin from "@pothos/plugin-relay";
import { getNamedType, isLeafType, isListType, isNonNullType } from "graphql";
import { StemmaError } from "../../../protocol/errors.ts";
import type { ApiContext } from "../context.ts";
import { bigIntScalar, dateTimeScalar, hexScalar } from "./scalars.ts";

export type SchemaShape = {
  Context: ApiContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    Hex: { Input: Uint8Array; Output: Uint8Array };
    BigInt: { Input: bigint; Output: bigint };
    DateTime: { Input: number; Output: number };
  };
};

export type Builder = ReturnType<typeof createBuilder>;

/** Items that a plain list is taken to have where nothing bounds it better. */
const LIST_LENGTH = 10;

/** Cost of a field that needs an SQL query of its own, in objects. */
export const QUERY_COST = 10;

/** A code-first schema with Stemma's scalars, costs and page rules, still without types. */
export function createBuilder() {
  const builder = new SchemaBuilder<SchemaShape>({
    plugins: [RelayPlugin, ComplexityPlugin],
    defaultFieldNullability: false,
    relay: {
      nodeQueryOptions: false,
      nodesQueryOptions: false,
      edgesFieldOptions: { nullable: { list: false, items: false }, complexity: { field: 0, multiplier: 1 } },
      nodesOnConnection: { complexity: { field: 1, multiplier: 1 } },
      pageInfoFieldOptions: { complexity: 0 },
      firstArgOptions: { description: "Number of items to take from the start." },
      lastArgOptions: { description: "Number of items to take from the end." },
      afterArgOptions: { description: "Take only what comes after this cursor." },
      beforeArgOptions: { description: "Take only what comes before this cursor." },
      cursorFieldOptions: { description: "Opaque; pass it on as it is." },
    },
    complexity: {
      // A value costs nothing, it came with its object; lists count as LIST_LENGTH objects.
      fieldComplexity: (_args, _context, field) => {
        if (isLeafType(getNamedType(field.type))) return 0;
        const type = isNonNullType(field.type) ? field.type.ofType : field.type;
        return isListType(type) ? { field: LIST_LENGTH, multiplier: LIST_LENGTH } : 1;
      },
    },
  });
  builder.addScalarType("Hex", hexScalar);
  builder.addScalarType("BigInt", bigIntScalar);
  builder.addScalarType("DateTime", dateTimeScalar);
  builder.queryType({});
  builder.subscriptionType({});
  return builder;
}

/**
 * A hash or an id from an argument.
 *
 * @throws ARGUMENT_INVALID where it isn't of that many bytes.
 */
export function bytesArgument(value: Uint8Array, argument: string, bytes: 20 | 32): Uint8Array {
  if (value.length === bytes) return value;
  throw new StemmaError("ARGUMENT_INVALID", {
    argument,
    problem: `it has ${value.length} bytes instead of ${bytes}`,
  });
}

/**
 * A number from an argument that the store can hold.
 *
 * @throws ARGUMENT_INVALID where it is negative or needs more than `bits` bits.
 */
export function naturalArgument(value: bigint, argument: string, bits = 42n): bigint {
  if (value >= 0n && value < 1n << bits) return value;
  throw new StemmaError("ARGUMENT_INVALID", { argument, problem: `${value} is out of range` });
}
