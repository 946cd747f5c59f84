import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { utf8 } from "../../../protocol/bytes.ts";
import { type Block, block } from "../engine/payload.ts";

/** Below etcd's 1.5 MiB for a request, with room for the rest of the transaction and for base64. */
const CHUNK_BYTES = 1024 * 1024;
/** The largest block has 8 MiB of RLP (EIP-7934), twice that as hex, and JSON around it. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;
const FAST = 1;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A block as the chunks that the log stores, at least one. */
export async function toChunks(value: Block): Promise<Uint8Array[]> {
  const bytes = new Uint8Array(await compress(utf8(JSON.stringify(value)), { level: FAST }));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

/** The block of its chunks, null where they are damaged: gzip's own sum and the block's shape are checked. */
export async function fromChunks(chunks: readonly Uint8Array[]): Promise<Block | null> {
  try {
    const json = await decompress(Buffer.concat(chunks), { maxOutputLength: MAX_JSON_BYTES });
    const parsed = block.safeParse(JSON.parse(json.toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
