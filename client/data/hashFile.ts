import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";

export type HashFileReturnType = Hex;

export type HashFileErrorType = StemmaError<"FILE_UNREADABLE">;

/**
 * SHA-256 of a file's bytes, read in pieces: files of any size. It is the `dataHash` of data that holds nothing personal; commit
 * personal data with a salt instead (`commit` of the protocol).
 *
 * @throws FILE_UNREADABLE
 */
export async function hashFile(path: string): Promise<HashFileReturnType> {
  try {
    return await hashStream(createReadStream(path));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StemmaError("FILE_UNREADABLE", { path, reason }, { cause: error });
  }
}

/** SHA-256 of the bytes of a stream: of node:stream, of the web, or any async iterable of bytes. */
export async function hashStream(stream: AsyncIterable<Uint8Array>): Promise<Hex> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return `0x${hash.digest("hex")}`;
}
