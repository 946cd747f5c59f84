import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startWorld, type World } from "../helpers/indexer.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describe("the example of client/README.md", () => {
  let world: World;
  let folder: string;
  before(async () => {
    world = await startWorld();
    // Inside the repository, so that the example finds the packages it imports.
    mkdirSync(join(ROOT, ".stemma"), { recursive: true });
    folder = mkdtempSync(join(ROOT, ".stemma", "readme-"));
  });
  after(async () => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    await world?.stop();
  });

  it("compiles, runs, and proves its record", async () => {
    const readme = readFileSync(join(ROOT, "client/README.md"), "utf8");
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1];
    assert.ok(example);
    const databaseUrl = await world.postgres.createDatabase();
    const indexer = await world.start(databaseUrl);
    try {
      const code = example
        .replaceAll('"./', '"../../')
        .replace("http://127.0.0.1:8545", world.chain.rpcUrl)
        .replace("http://127.0.0.1:4000", indexer.url)
        .replace(
          'readDeployment("localhost")',
          `readDeployment("localhost", { directory: ${JSON.stringify(world.directory)} })`,
        );
      writeFileSync(join(folder, "example.ts"), code);
      const settings = { extends: "../../tsconfig.json", include: ["example.ts"], exclude: [] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
      execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], {
        stdio: "pipe",
      });
      const { spawn } = await import("node:child_process");
      const child = spawn(process.execPath, [join(folder, "example.ts")], {
        env: { ...process.env, STEMMA_KEY: world.chain.accounts[0]?.privateKey ?? "" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let out = "";
      for await (const chunk of child.stdout) out += chunk;
      assert.match(out, /^FINAL$/m);
      assert.match(out, /^true 11$/m);
    } finally {
      await indexer.stop();
    }
  });
});
