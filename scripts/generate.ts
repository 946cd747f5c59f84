import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { generateAbis } from "./generate/abi.ts";
import { generateErrors } from "./generate/errors.ts";
import type { GeneratedFile } from "./generate/generatedFile.ts";
import { generateSchema } from "./generate/schema.ts";

/** Add a function here and its files are written, and checked for drift. */
const generators: readonly ((root: string) => Promise<readonly GeneratedFile[]>)[] = [
  generateAbis,
  generateErrors,
  generateSchema,
];

/**
 * Writes every generated file, or with `--check` only says which of them differ and fails where any does.
 *
 * @example
 * npm run generate -- --check
 */
async function main(): Promise<void> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const check = process.argv.includes("--check");
  const stale: string[] = [];
  for (const generate of generators) {
    for (const file of await generate(root)) {
      const path = join(root, file.path);
      if ((await readFile(path, "utf8").catch(() => null)) === file.content) continue;
      stale.push(relative(root, path));
      if (!check) await writeFile(path, file.content);
    }
  }
  for (const path of stale) console.log(`${check ? "differs" : "wrote"}: ${path}`);
  if (check && stale.length > 0) {
    console.log("Run `npm run generate` and commit the result.");
    process.exitCode = 1;
  } else if (stale.length === 0) {
    console.log("Generated files are up to date.");
  }
}

await main();
