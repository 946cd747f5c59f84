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
