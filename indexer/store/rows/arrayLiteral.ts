import type { Value } from "./table.ts";

/**
 * A PostgreSQL array in text form (manual, section 8.15.2), to be sent as one text parameter and cast: `${literal}::text::bigint[]`.
 * It spares every session the look-up of array types, and keeps a statement far below the limit of 65,534 parameters.
 */
export function arrayLiteral(values: readonly Value[]): string {
  return `{${values.map(element).join(",")}}`;
}

function element(value: Value): string {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString("hex")}"`;
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  if (typeof value === "boolean") return value ? "t" : "f";
  return value.toString();
}
