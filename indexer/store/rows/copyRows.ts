import type { Transaction } from "../lane.ts";
import type { Pool } from "../pool.ts";
import { checkRows, encodeCopy } from "./encodeCopy.ts";
import { sqlType, type Table } from "./table.ts";

export type CopyOptions = {
  /** Another connection: the one that copies can't be spoken to while it hangs. */
  readonly rescue: Pool;
  /** How long a COPY may make no progress. */
  readonly stallMs: number;
};

/**
 * Copies rows into a temporary table without constraints, which is created where the session has none yet, and returns its name.
 * It is emptied by the commit.
 *
 * A COPY that fails on the server after its last byte was sent never settles in the driver and blocks the connection
 * (https://github.com/porsager/postgres/issues/1173). So nothing on the stage can fail, and should it stall all the same, its
 * backend is ended from another connection: the transaction is then rolled back and rejects.
 */
export async function copyToStage<Row>(
  tx: Transaction,
  table: Table<Row>,
  rows: readonly Row[],
  options: CopyOptions,
): Promise<string> {
  checkRows(table, rows);
  const stage = `stage_${table.name}`;
  const columns = table.columns.map(({ name, type }) => `${name} ${sqlType(type)}`);
  await tx.unsafe(`CREATE TEMP TABLE IF NOT EXISTS ${stage} (${columns.join(", ")}) ON COMMIT DELETE ROWS`);
  await copyRows(tx, stage, encodeCopy(table, rows), options);
  return stage;
}

/** Streams binary COPY data into a table under the watchdog. A chunk may be reused once the next one is asked for. */
export async function copyRows(
  tx: Transaction,
  target: string,
  chunks: Iterable<Buffer>,
  options: CopyOptions,
): Promise<void> {
  const [session] = await tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  const pid = session?.pid ?? 0;
  const watchdog = setTimeout(() => {
    options.rescue.sql()`SELECT pg_terminate_backend(${pid}::int)`.catch(() => undefined);
  }, options.stallMs);
  watchdog.unref();
  try {
    const sink = await tx.unsafe(`COPY ${target} FROM STDIN (FORMAT binary)`).writable();
    // What the sink says of its end, the calls below are told as well.
    sink.on("error", () => undefined);
    try {
      for (const chunk of chunks) {
        await settled((done) => sink.write(chunk, done));
        watchdog.refresh();
      }
    } catch (error) {
      // Takes the session out of the COPY, so that it can roll back.
      sink.destroy(error instanceof Error ? error : undefined);
      throw error;
    }
    await settled((done) => sink.end(done));
  } finally {
    clearTimeout(watchdog);
  }
}

function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}
