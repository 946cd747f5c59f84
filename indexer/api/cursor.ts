import { StemmaError } from "../../protocol/errors.ts";
import type { PositionId } from "../model/position.ts";

const PAGE_CURSOR_VERSION = 1;
const PAGE_CURSOR_BYTES = 9;

/** Opaque cursor of a connection: base64url of a version byte and the row's position (8 bytes, big-endian). */
export function encodeCursor(position: PositionId): string {
  const bytes = Buffer.alloc(PAGE_CURSOR_BYTES);
  bytes.writeUInt8(PAGE_CURSOR_VERSION, 0);
  bytes.writeBigInt64BE(position, 1);
  return bytes.toString("base64url");
}

/**
 * Position behind a cursor.
 *
 * @throws CURSOR_INVALID for anything that `encodeCursor` didn't make; `argument` names where it was given.
 */
export function decodeCursor(cursor: string, argument: string): PositionId {
  const bytes = Buffer.from(cursor, "base64url");
  const genuine =
    bytes.length === PAGE_CURSOR_BYTES &&
    bytes.readUInt8(0) === PAGE_CURSOR_VERSION &&
    bytes.toString("base64url") === cursor;
  if (!genuine) throw new StemmaError("CURSOR_INVALID", { argument });
  return bytes.readBigInt64BE(1);
}
