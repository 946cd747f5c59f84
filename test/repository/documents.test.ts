import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { errorTable } from "../../protocol/errorTable.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const skipped = new Set(["node_modules", ".git", ".stemma", "artifacts", "cache", "types"]);

async function markdownFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await markdownFiles(path)));
    else if (entry.name.endsWith(".md")) found.push(path);
  }
  return found;
}

describe("the documents", () => {
  it("link only to files that exist", async () => {
    const broken: string[] = [];
    for (const file of await markdownFiles(root)) {
      const text = await readFile(file, "utf8");
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:|^#/.test(target)) continue;
        const path = join(dirname(file), target.split("#")[0] ?? "");
        if (!existsSync(path)) broken.push(`${relative(root, file)}: ${target}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  it("name only npm scripts that exist", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const unknown: string[] = [];
    for (const file of await markdownFiles(root)) {
      const text = await readFile(file, "utf8");
      for (const [, name = ""] of text.matchAll(/npm run ([a-z][a-z:]*)/g)) {
        if (!(name in scripts)) unknown.push(`${relative(root, file)}: npm run ${name}`);
      }
    }
    assert.deepEqual(unknown, []);
  });

  it("explain every error at the place that its docs path names", async () => {
    const page = await readFile(join(root, "docs/errors.md"), "utf8");
    for (const { code } of Object.values(errorTable)) assert.match(page, new RegExp(`^### ${code}$`, "m"));
  });
});

describe("the error table", () => {
  it("uses each code once", () => {
    const codes = Object.values(errorTable).map((entry) => entry.code);
    assert.deepEqual(codes, [...new Set(codes)]);
  });

  it("says for every error what to do", () => {
    for (const [name, entry] of Object.entries(errorTable)) assert.ok(entry.advice.length > 10, name);
  });
});
