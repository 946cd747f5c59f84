import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../../scripts/demo.ts", import.meta.url));
const limitMs = 120_000;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "stemma-test-demo-"));
  // As open as the system's own, so that the database's account gets in.
  await chmod(folder, 0o755);
  await mkdir(join(folder, "tmp"), { mode: 0o755 });
});
after(() => rm(folder, { recursive: true, force: true }));

/** A demo with temporary folders of its own; `history` is a folder without git, so the bundled example is used. */
function startDemo(args: readonly string[]): ChildProcess & { readonly text: () => string } {
  const child = spawn(process.execPath, [program, "--history", folder, ...args], {
    env: { ...process.env, TMPDIR: join(folder, "tmp") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  return Object.assign(child, { text: () => text });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  await once(child, "close");
  clearTimeout(timer);
  return child.exitCode;
}

async function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const demoFolders = async () =>
  (await readdir(join(folder, "tmp"))).filter((name) => name.startsWith("stemma-demo-"));

/** Ids of processes whose command line speaks of the test's folder: databases of its demos. */
async function leftovers(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const line = await readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "");
    if (line.includes(join(folder, "tmp"))) found.push(`${pid} ${line.replaceAll("\0", " ")}`);
  }
  return found;
}

describe("the demo", { timeout: 4 * limitMs }, () => {
  it("imports the bundled example, proves a record, refuses a changed byte, and leaves nothing behind", async () => {
    const demo = startDemo(["--once"]);
    assert.equal(await ended(demo), 0, demo.text());
    const last = JSON.parse(demo.text().trim().split("\n").at(-1) ?? "");
    assert.equal(last.proofVerified, true);
    assert.equal(last.tamperRefused, true);
    // Two files, one derived, one corrected, one mean, one renamed, one deleted; the clean merge adds nothing.
    assert.equal(last.records, 7);
    assert.equal(last.entries, last.records);
    assert.equal(last.checkpointSize, last.entries);
    assert.ok(last.seconds > 0);
    assert.deepEqual(await demoFolders(), []);
    await waitFor(async () => (await leftovers()).length === 0, "the database to end");
  });

  it("serves beside another demo, clears up after a killed one, and ends on Ctrl-C", async () => {
    const first = startDemo([]);
    try {
      await waitFor(
        () => first.text().includes("Ctrl-C") || first.exitCode !== null,
        "the first demo to serve",
      );
      assert.equal(first.exitCode, null, first.text());
      const api = /GraphiQL\s+(http\S+)\/graphql/.exec(first.text())?.[1];
      assert.ok(api);

      const second = startDemo(["--once"]);
      assert.equal(await ended(second), 0, second.text());
      const answer = await fetch(`${api}/ready`);
      assert.equal(answer.status, 200);

      first.kill("SIGKILL");
      await once(first, "close");
      await waitFor(async () => (await leftovers()).length === 0, "the killed demo's database to end");
      assert.equal((await demoFolders()).length, 1);

      const third = startDemo([]);
      try {
        await waitFor(
          () => third.text().includes("Ctrl-C") || third.exitCode !== null,
          "the third demo to serve",
        );
        assert.match(third.text(), /killed/);
        third.kill("SIGINT");
        assert.equal(await ended(third), 0, third.text());
      } finally {
        third.kill("SIGKILL");
      }
      assert.deepEqual(await demoFolders(), []);
      assert.deepEqual(await leftovers(), []);
    } finally {
      first.kill("SIGKILL");
    }
  });

  it("says what a wrong flag should have been", async () => {
    const demo = startDemo(["--port", "1"]);
    assert.equal(await ended(demo), 1);
    assert.match(demo.text(), /--api-port/);
  });
});
