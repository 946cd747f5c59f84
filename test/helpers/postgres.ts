import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../indexer/store/embeddedPostgres.ts";

export type TestPostgres = {
  /** Connection URL of a fresh, empty database. */
  readonly createDatabase: () => Promise<string>;
  /** The server itself where it is ours; null with DATABASE_URL. */
  readonly server: EmbeddedPostgres | null;
  readonly stop: () => Promise<void>;
};

/**
 * One server for a test file: the one of DATABASE_URL, else an embedded one in a temporary folder. A test that needs committed
 * rows to survive a crash of the server asks for `durable`.
 */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<TestPostgres> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== "") return onServer(given, null, async () => undefined);
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-test-postgres-"));
  const settings = options.durable
    ? {}
    : { fsync: "off", full_page_writes: "off", synchronous_commit: "off" };
  const server = await startEmbeddedPostgres({ dataDir, settings });
  return onServer(server.url, server, async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
    rmSync(server.dataDir, { recursive: true, force: true });
  });
}

function onServer(
  adminUrl: string,
  server: EmbeddedPostgres | null,
  stopServer: () => Promise<void>,
): TestPostgres {
  const created: string[] = [];
  return {
    server,
    createDatabase: async () => {
      const name = `stemma_test_${randomBytes(6).toString("hex")}`;
      await asAdmin(adminUrl, (sql) => sql.unsafe(`CREATE DATABASE ${name}`));
      created.push(name);
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop: async () => {
      try {
        // The data of our own server goes with its folder.
        if (server === null) {
          await asAdmin(adminUrl, async (sql) => {
            for (const name of created) await sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
          });
        }
      } finally {
        await stopServer();
      }
    },
  };
}

async function asAdmin(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Columns that hold the time of writing: two databases with the same contents differ in them. */
const WALL_CLOCK = [
  "applied_at",
  "sequenced_at",
  "created_at",
  "sealed_at",
  "sent_at",
  "mined_at",
  "final_at",
];

/**
 * Every row of every table as text, in key order and without wall-clock columns: two databases hold the same where these are equal.
 * The counts of leaders differ between histories that end the same, so they are left out too.
 */
export async function dumpTables(
  url: string,
  options: { without?: readonly string[] } = {},
): Promise<Record<string, string[]>> {
  const without = new Set(["stemma_migration", "log_leader", ...(options.without ?? [])]);
  const dump: Record<string, string[]> = {};
  await asAdmin(url, async (sql) => {
    const tables = await sql<{ name: string; columns: string[]; key: string[] }[]>`
      SELECT c.relname AS name,
        array_agg(a.attname::text ORDER BY a.attnum) AS columns,
        array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
          FILTER (WHERE array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts) AS key
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      GROUP BY c.relname ORDER BY c.relname`;
    for (const { name, columns, key } of tables) {
      if (without.has(name)) continue;
      const shown = columns.filter((column) => !WALL_CLOCK.includes(column));
      const rows = await sql<{ row: string }[]>`
        SELECT row_to_json(t)::text AS row
        FROM (SELECT ${sql(shown)} FROM ${sql(name)} ORDER BY ${sql(key)}) AS t`;
      dump[name] = rows.map(({ row }) => row);
    }
  });
  return dump;
}
