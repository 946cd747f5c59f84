import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { treeVectors } from "./tree.ts";
import {
  accessVectors,
  datasetVectors,
  endorsementVectors,
  operationVectors,
  recordVectors,
} from "./typed.ts";

const VECTORS = {
  "tree.json": treeVectors,
  "record.json": recordVectors,
  "dataset.json": datasetVectors,
  "operation.json": operationVectors,
  "endorsement.json": endorsementVectors,
  "access.json": accessVectors,
};

/** Names of vector files that differ from what is generated. With `write`, they are written. */
export async function generateVectors({ write }: { write: boolean }): Promise<string[]> {
  const changed: string[] = [];
  for (const [name, make] of Object.entries(VECTORS)) {
    const path = join(import.meta.dirname, name);
    const text = `${JSON.stringify(make(), null, 2)}\n`;
    const stored = await readFile(path, "utf8").catch(() => "");
    if (stored === text) continue;
    changed.push(name);
    if (write) await writeFile(path, text);
  }
  return changed;
}

if (import.meta.main) {
  const write = !process.argv.includes("--check");
  const changed = await generateVectors({ write });
  for (const name of changed) console.log(`${write ? "written" : "differs"}: test/vectors/${name}`);
  if (!write && changed.length > 0) process.exitCode = 1;
}
