import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmbeddedPostgres } from "../../../indexer/store/embeddedPostgres.ts";
import { createPool } from "../../../indexer/store/pool.ts";

const MODULE = new URL("../../../indexer/store/embeddedPostgres.ts", import.meta.url).href;

describe("the embedded server", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "stemma-embedded-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("keeps its rows over a restart, and its password to its owner", async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    const pool = createPool(first.url, { max: 1, name: "test" });
    await pool.sql()`CREATE TABLE kept (n int)`;
    await pool.end();
    await first.stop();
    assert.equal(statSync(join(dataDir, "password")).mode & 0o777, 0o600);
    const second = await startEmbeddedPostgres({ dataDir });
    const again = createPool(second.url, { max: 1, name: "test" });
    const rows = await again.sql()`SELECT * FROM kept`;
    assert.equal(rows.length, 0);
    await again.end();
    await second.stop();
  });

  it("refuses a second owner of the same folder, and lets it in afterwards", async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await assert.rejects(startEmbeddedPostgres({ dataDir }), { name: "EMBEDDED_DATABASE_IN_USE" });
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir });
    await second.stop();
  });

  it("ends with its owner when that is killed, and starts again in the same folder", {
    timeout: 60_000,
  }, async () => {
    const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(MODULE)});
      const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
      process.stdout.write(String(server.pid) + "\\n");
      setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      owner.stdout.once("data", (text) => resolve(Number(text)));
      owner.once("exit", () => reject(new Error("the owner ended early")));
    });
    owner.removeAllListeners("exit");
    const ended = new Promise((resolve) => owner.once("exit", resolve));
    owner.kill("SIGKILL");
    await ended;
    const next = await startEmbeddedPostgres({ dataDir });
    assert.notEqual(next.pid, pid);
    assert.match(readFileSync(join(dataDir, "owner.lock"), "utf8"), new RegExp(`^${process.pid} `));
    await next.stop();
    while (isAlive(pid)) await sleep(20);
  });
});

/** A process that nobody has waited for yet counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
