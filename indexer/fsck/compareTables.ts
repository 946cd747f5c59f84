import { compareBytes, equalBytes } from "../../protocol/bytes.ts";
import {
  INSPECTED_TABLES,
  type InspectedRow,
  type InspectedTable,
  type InspectedValue,
  type Inspection,
} from "../store/inspect.ts";
import { type Difference, shown } from "./difference.ts";

export type CompareOptions = {
  /** Columns that say when or by whom, and differ between two honest indexers. */
  readonly ignore?: readonly string[];
  /** Rows that are not compared, on both sides: those above the last final block. */
  readonly skip?: (row: InspectedRow) => boolean;
};

/**
 * Compares a table with the same one of a fresh index, row by row along the primary key. Holds one page of each side.
 *
 * @param truth The fresh index.
 */
export async function* compareTables(
  found: Inspection,
  truth: Inspection,
  table: InspectedTable,
  options: CompareOptions = {},
): AsyncGenerator<Difference> {
  const key = INSPECTED_TABLES[table];
  const { skip = () => false, ignore = [] } = options;
  const left = kept(found.rows(table), skip);
  const right = kept(truth.rows(table), skip);
  let have = await left.next();
  let should = await right.next();
  while (!have.done || !should.done) {
    const order = have.done ? 1 : should.done ? -1 : compareKeys(have.value, should.value, key);
    if (order < 0 && !have.done) {
      yield {
        where: table,
        key: keyOf(have.value, key),
        problem: "extra",
        detail: "the chain gives no such row",
      };
      have = await left.next();
    } else if (order > 0 && !should.done) {
      yield {
        where: table,
        key: keyOf(should.value, key),
        problem: "missing",
        detail: "the chain gives this row",
      };
      should = await right.next();
    } else if (!have.done && !should.done) {
      yield* compareRows(table, have.value, should.value, ignore);
      have = await left.next();
      should = await right.next();
    }
  }
}

function* compareRows(
  table: InspectedTable,
  have: InspectedRow,
  should: InspectedRow,
  ignore: readonly string[],
): Generator<Difference> {
  for (const [column, value] of Object.entries(should)) {
    const given = have[column];
    if (ignore.includes(column) || sameValue(given, value)) continue;
    const detail = `${column} is ${shown(given)}, the chain gives ${shown(value)}`;
    yield { where: table, key: keyOf(should, INSPECTED_TABLES[table]), problem: "changed", detail };
  }
}

async function* kept(
  rows: AsyncGenerator<InspectedRow>,
  skip: (row: InspectedRow) => boolean,
): AsyncGenerator<InspectedRow, undefined> {
  for await (const row of rows) if (!skip(row)) yield row;
}

function keyOf(row: InspectedRow, key: readonly string[]): string {
  return key.map((column) => shown(row[column])).join(", ");
}

function compareKeys(a: InspectedRow, b: InspectedRow, key: readonly string[]): number {
  for (const column of key) {
    const order = compareValues(a[column], b[column]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: InspectedValue | undefined, b: InspectedValue | undefined): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (a === b || a == null || b == null) return 0;
  return a < b ? -1 : 1;
}

function sameValue(a: InspectedValue | undefined, b: InspectedValue | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b;
}
