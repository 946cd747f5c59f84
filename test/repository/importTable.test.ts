import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const checker = join(root, "node_modules/.bin/depcruise");

/** Runs the checker with the repository's own configuration on a small tree of these files. */
async function cruise(files: Readonly<Record<string, string>>): Promise<{ failed: boolean; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "stemma-import-table-"));
  try {
    for (const [path, source] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), source);
    }
    for (const name of [".dependency-cruiser.mjs", "tsconfig.json", "package.json"]) {
      await cp(join(root, name), join(folder, name));
    }
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        [checker, "--config", ".dependency-cruiser.mjs", ...Object.keys(files)],
        { cwd: folder },
        (error, stdout, stderr) => resolve({ failed: error !== null, output: stdout + stderr }),
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const target = "export type Probe = { readonly id: bigint };\nexport const probe = 1;\n";

describe("the import table", () => {
  const refused = [
    { from: "protocol/a.ts", to: "indexer/model/b.ts", rule: "room-protocol" },
    { from: "indexer/decode/a.ts", to: "indexer/store/b.ts", rule: "room-indexer-decode" },
    { from: "indexer/chain/a.ts", to: "indexer/store/b.ts", rule: "room-indexer-chain" },
    { from: "client/a.ts", to: "indexer/model/b.ts", rule: "room-client" },
    { from: "scripts/a.ts", to: "indexer/store/b.ts", rule: "room-scripts" },
    { from: "protocol/a.ts", to: "test/helpers/b.ts", rule: "nothing-imports-tests" },
  ];
  for (const { from, to, rule } of refused) {
    const path = `../${from.split("/").length > 2 ? "../" : ""}${to}`;
    for (const [kind, source] of [
      ["a value", `import { probe } from "${path}";\nexport const used = probe;\n`],
      ["a type", `import type { Probe } from "${path}";\nexport type Used = Probe;\n`],
    ] as const) {
      it(`refuses ${kind} of ${dirname(to)} in ${dirname(from)}`, async () => {
        const { failed, output } = await cruise({ [from]: source, [to]: target });
        assert.ok(failed, output);
        assert.match(output, new RegExp(rule));
      });
    }
  }

  it("refuses a driver library outside its room", async () => {
    const source = 'import postgres from "postgres";\nexport const sql = postgres;\n';
    const outside = await cruise({ "indexer/api/a.ts": source });
    assert.ok(outside.failed, outside.output);
    assert.match(outside.output, /library-postgres/);
    const inside = await cruise({ "indexer/store/a.ts": source });
    assert.ok(!inside.failed, inside.output);
  });

  it("refuses a cycle", async () => {
    const { failed, output } = await cruise({
      "protocol/a.ts": 'import { b } from "./b.ts";\nexport const a = (): number => b();\n',
      "protocol/b.ts": 'import { a } from "./a.ts";\nexport const b = (): number => a();\n',
    });
    assert.ok(failed, output);
    assert.match(output, /no-circular/);
  });

  it("lets an allowed import pass", async () => {
    const { failed, output } = await cruise({
      "indexer/decode/a.ts": 'import { probe } from "../model/b.ts";\nexport const used = probe;\n',
      "indexer/model/b.ts": target,
    });
    assert.ok(!failed, output);
  });
});
