import { StemmaError } from "../../../protocol/errors.ts";

/** Types that rows are written in; `bytea32` and `bytea20` also fix the length. */
export type ColumnType = "bigint" | "smallint" | "boolean" | "text" | "bytea" | "bytea20" | "bytea32";
export type Value = bigint | number | boolean | string | Uint8Array | null;

export type Column<Row> = {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  readonly get: (row: Row) => Value;
};

/** Where and how rows of one kind are written. Both ways of writing read this one description, so both give equal rows. */
export type Table<Row> = {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
};

/** The type's name in SQL. */
export function sqlType(type: ColumnType): string {
  return type === "bytea20" || type === "bytea32" ? "bytea" : type;
}

const MAX_BIGINT = (1n << 63n) - 1n;
const MAX_SMALLINT = (1 << 15) - 1;

/**
 * Refuses a value before anything of the batch is sent: an error in the middle of a COPY is the one thing that the driver can't
 * handle.
 *
 * @throws VALUE_NOT_STORABLE
 */
export function checkValue<Row>(table: Table<Row>, column: Column<Row>, value: Value): void {
  const reason = faultOf(column, value);
  if (reason !== null) {
    throw new StemmaError("VALUE_NOT_STORABLE", { field: `${table.name}.${column.name}`, reason });
  }
}

function faultOf<Row>(column: Column<Row>, value: Value): string | null {
  if (value === null) return column.nullable ? null : "it is missing";
  switch (column.type) {
    case "bigint":
      if (typeof value !== "bigint") return "it isn't a whole number";
      return value >= -MAX_BIGINT && value <= MAX_BIGINT ? null : "it doesn't fit into 63 bits";
    case "smallint":
      if (typeof value !== "number" || !Number.isInteger(value)) return "it isn't a whole number";
      return Math.abs(value) <= MAX_SMALLINT ? null : "it doesn't fit into 15 bits";
    case "boolean":
      return typeof value === "boolean" ? null : "it isn't true or false";
    case "text":
      if (typeof value !== "string") return "it isn't text";
      return value.includes("\0") || !value.isWellFormed()
        ? "it isn't text that UTF-8 without NUL can hold"
        : null;
    case "bytea":
      return value instanceof Uint8Array ? null : "it isn't bytes";
    case "bytea20":
      return value instanceof Uint8Array && value.length === 20 ? null : "it isn't 20 bytes";
    case "bytea32":
      return value instanceof Uint8Array && value.length === 32 ? null : "it isn't 32 bytes";
  }
}
