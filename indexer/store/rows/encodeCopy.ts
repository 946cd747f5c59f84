import { type Column, checkValue, type Table } from "./table.ts";

/** Signature, flags and extension length of the binary format (PostgreSQL manual, COPY, "Binary Format"). */
const HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const CHUNK_BYTES = 128 * 1024;

/**
 * Rows in the binary format of COPY, in chunks that share one buffer: memory stays the same however many rows there are. The values
 * MUST have been checked (see {@link checkRows}), and a chunk is gone once the next one is asked for.
 */
export function* encodeCopy<Row>(table: Table<Row>, rows: Iterable<Row>): Generator<Buffer> {
  const { columns } = table;
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = HEADER.copy(chunk);
  for (const row of rows) {
    const bytes = rowBytes(columns, row);
    if (at + bytes > chunk.length) {
      yield chunk.subarray(0, at);
      if (bytes > chunk.length) chunk = Buffer.allocUnsafe(bytes);
      at = 0;
    }
    at = writeRow(chunk, at, columns, row);
  }
  yield chunk.subarray(0, at);
  yield Buffer.from("ffff", "hex");
}

/** @throws VALUE_NOT_STORABLE for the first value that the table can't hold. */
export function checkRows<Row>(table: Table<Row>, rows: readonly Row[]): void {
  for (const row of rows) {
    for (const column of table.columns) checkValue(table, column, column.get(row));
  }
}

/** An upper bound; only text and bytes vary. */
function rowBytes<Row>(columns: readonly Column<Row>[], row: Row): number {
  let bytes = 2 + columns.length * 12;
  for (const column of columns) {
    if (column.type === "text" || column.type.startsWith("bytea")) {
      const value = column.get(row);
      // Three bytes hold any UTF-16 unit in UTF-8.
      if (typeof value === "string") bytes += value.length * 3;
      else if (value instanceof Uint8Array) bytes += value.length;
    }
  }
  return bytes;
}

function writeRow<Row>(chunk: Buffer, start: number, columns: readonly Column<Row>[], row: Row): number {
  let at = chunk.writeInt16BE(columns.length, start);
  for (const { get } of columns) {
    const value = get(row);
    if (value instanceof Uint8Array) {
      at = chunk.writeInt32BE(value.length, at);
      chunk.set(value, at);
      at += value.length;
    } else if (typeof value === "bigint") {
      at = chunk.writeInt32BE(8, at);
      at = chunk.writeBigInt64BE(value, at);
    } else if (typeof value === "number") {
      at = chunk.writeInt32BE(2, at);
      at = chunk.writeInt16BE(value, at);
    } else if (typeof value === "boolean") {
      at = chunk.writeInt32BE(1, at);
      at = chunk.writeInt8(value ? 1 : 0, at);
    } else if (typeof value === "string") {
      const bytes = chunk.write(value, at + 4, "utf8");
      chunk.writeInt32BE(bytes, at);
      at += 4 + bytes;
    } else {
      at = chunk.writeInt32BE(-1, at);
    }
  }
  return at;
}
