import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { migrate } from "../../../indexer/store/index.ts";
import { createPool } from "../../../indexer/store/pool.ts";
import { storeFixture } from "./storeFixture.ts";

describe("migrations", () => {
  const { postgres } = storeFixture();

  async function change(url: string, statement: string): Promise<void> {
    const pool = createPool(url, { max: 1, name: "test" });
    await pool.sql().unsafe(statement);
    await pool.end();
  }

  it("are applied once, whoever comes first", async () => {
    const url = await postgres().createDatabase();
    await Promise.all([migrate(url), migrate(url), migrate(url)]);
    await migrate(url);
  });

  it("refuse the database of a newer release", async () => {
    const url = await postgres().createDatabase();
    await migrate(url);
    await change(url, "INSERT INTO stemma_migration (version, file, checksum) VALUES (999, 'x', 'x')");
    await assert.rejects(migrate(url), { name: "DATABASE_NEWER" });
  });

  it("refuse a database whose history was edited", async () => {
    const url = await postgres().createDatabase();
    await migrate(url);
    await change(url, "UPDATE stemma_migration SET checksum = 'other' WHERE version = 1");
    await assert.rejects(migrate(url), { name: "MIGRATION_CHANGED" });
  });

  it("report a server that isn't there as retryable", async () => {
    await assert.rejects(migrate("postgres://nobody:x@127.0.0.1:1/none"), {
      name: "STORE_UNAVAILABLE",
      retry: true,
    });
  });
});
