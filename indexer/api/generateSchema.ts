import { lexicographicSortSchema, printSchema } from "graphql";
import { buildSchema } from "./schema/buildSchema.ts";

/** The schema as text, the same for the same code: what `indexer/api/schema.graphql` holds. */
export function renderSchema(): string {
  return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`;
}
