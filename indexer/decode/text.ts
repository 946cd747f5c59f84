import { type LogBytes, uint32At, WORD } from "./logBytes.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The bytes of the `string` whose length word stands at `offset` and which MUST be the data's last part, padded with zeros;
 * undefined where length, padding or end of the data don't fit.
 */
export function lastStringAt(log: LogBytes, offset: number): Uint8Array | undefined {
  const start = offset + WORD;
  if (start > log.dataEnd) return undefined;
  const length = uint32At(log, offset);
  if (length === undefined || log.dataEnd - start !== Math.ceil(length / WORD) * WORD) return undefined;
  for (let i = start + length; i < log.dataEnd; i++) if (log.slab[i] !== 0) return undefined;
  return log.slab.subarray(start, start + length);
}

/** The text; null where it isn't UTF-8 or holds a NUL, which PostgreSQL can't store. The contract checks neither. */
export function decodeText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
