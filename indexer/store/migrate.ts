import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { StemmaError } from "../../protocol/errors.ts";
import { createLane } from "./lane.ts";
import { guarded } from "./storeError.ts";

type Migration = {
  readonly version: number;
  readonly file: string;
  readonly text: string;
  readonly checksum: string;
};

/** Any number that no other program on the same database is likely to lock. */
const LOCK_KEY = 0x5354_4d41_0001n;
const FOLDER = new URL("./migrations/", import.meta.url);

/**
 * Brings the schema up to date: each missing migration in order, all in one transaction, one process at a time.
 *
 * @throws DATABASE_NEWER, MIGRATION_CHANGED, STORE_UNAVAILABLE
 */
export async function migrate(url: string): Promise<void> {
  const migrations = readMigrations();
  const lane = createLane(url, { name: "migrate" });
  try {
    await guarded(() =>
      lane.transaction(async (tx) => {
        await tx`SELECT pg_advisory_xact_lock(${LOCK_KEY}::bigint)`;
        await tx`CREATE TABLE IF NOT EXISTS stemma_migration (
          version integer PRIMARY KEY, file text NOT NULL, checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now())`;
        const applied = await tx<{ version: number; checksum: string }[]>`
          SELECT version, checksum FROM stemma_migration ORDER BY version`;
        checkApplied(applied, migrations);
        for (const { version, file, text, checksum } of migrations.slice(applied.length)) {
          await tx.unsafe(text);
          await tx`INSERT INTO stemma_migration (version, file, checksum)
            VALUES (${version}, ${file}, ${checksum})`;
        }
      }),
    );
  } finally {
    await lane.end();
  }
}

function checkApplied(
  applied: readonly { version: number; checksum: string }[],
  migrations: readonly Migration[],
): void {
  const found = applied.at(-1)?.version ?? 0;
  if (found > migrations.length) {
    throw new StemmaError("DATABASE_NEWER", { found, known: migrations.length });
  }
  for (const [at, { version, checksum }] of applied.entries()) {
    const known = migrations[at];
    if (known === undefined || known.version !== version || known.checksum !== checksum) {
      throw new StemmaError("MIGRATION_CHANGED", { migration: known?.file ?? version });
    }
  }
}

function readMigrations(): Migration[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".sql"));
  return files.sort().map((file, at) => {
    const version = Number(file.split("_")[0]);
    if (version !== at + 1) {
      throw new StemmaError("ASSERTION_FAILED", { what: `migration ${file} isn't number ${at + 1}` });
    }
    const text = readFileSync(new URL(file, FOLDER), "utf8").replaceAll("\r\n", "\n");
    return { version, file, text, checksum: createHash("sha256").update(text).digest("hex") };
  });
}
