import { setImmediate } from "node:timers/promises";
import type { Transaction } from "../lane.ts";
import { arrayLiteral } from "./arrayLiteral.ts";
import { type CopyOptions, copyToStage } from "./copyRows.ts";
import { checkRows } from "./encodeCopy.ts";
import { sqlType, type Table } from "./table.ts";

/** At 400 rows both ways take the same time (measured); above, COPY wins. */
export const BULK_ROWS = 500;

export type InsertOptions = CopyOptions & {
  /** Rows from which on a batch goes by COPY. */
  readonly bulkRows: number;
};

/** Where the rows of a statement come from, under the name `given`: a stage, or arrays that travel as parameters. */
export type Source = { readonly from: string; readonly parameters: string[] };

/**
 * Writes rows and returns their number. The caller holds the lock on the position that the rows are new behind, so that none of
 * them can be there already; were one, the whole transaction is refused. `meanwhile` is our own work that runs while the server does its.
 */
export async function insertRows<Row>(
  tx: Transaction,
  table: Table<Row>,
  rows: readonly Row[],
  options: InsertOptions,
  meanwhile?: () => void,
): Promise<number> {
  if (rows.length === 0) return 0;
  const columns = table.columns.map(({ name }) => name).join(", ");
  const { from, parameters } = await sourceOf(tx, table, rows, options);
  const text = `INSERT INTO ${table.name} (${columns}) SELECT ${columns} FROM ${from}`;
  const inserting = tx.unsafe(text, parameters, { prepare: true }).execute();
  if (meanwhile !== undefined) {
    // A refusal may come before anybody waits for it below.
    inserting.catch(() => undefined);
    await sent();
    meanwhile();
  }
  return (await inserting).count;
}

/** The driver gathers small messages until the end of the event loop's turn. */
async function sent(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Brings rows to the server, by the way that suits their number. */
export async function sourceOf<Row>(
  tx: Transaction,
  table: Table<Row>,
  rows: readonly Row[],
  options: InsertOptions,
): Promise<Source> {
  if (rows.length >= options.bulkRows) {
    return { from: `${await copyToStage(tx, table, rows, options)} AS given`, parameters: [] };
  }
  checkRows(table, rows);
  const parameters = table.columns.map(({ get }) => arrayLiteral(rows.map(get)));
  const arrays = table.columns.map(({ type }, at) => `$${at + 1}::text::${sqlType(type)}[]`).join(", ");
  const names = table.columns.map(({ name }) => name).join(", ");
  return { from: `unnest(${arrays}) AS given (${names})`, parameters };
}
