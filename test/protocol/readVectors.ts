import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Hex, hexToBytes } from "../../protocol/bytes.ts";

export const hexField = z.templateLiteral(["0x", z.string()]);
export const sizeField = z.string().transform(BigInt);
export const pathField = z.array(hexField).transform((path) => path.map((hash) => hexToBytes(hash)));

/** A file of test/vectors, checked for its shape, so that a renamed field can't turn a test into nothing. */
export function readVectors<Schema extends z.ZodType>(name: string, schema: Schema): z.infer<Schema> {
  const path = join(import.meta.dirname, "../vectors", name);
  return schema.parse(JSON.parse(readFileSync(path, "utf8")));
}

export function bytesOf(hex: Hex): Uint8Array {
  return hexToBytes(hex);
}
