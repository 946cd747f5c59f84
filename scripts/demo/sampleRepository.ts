import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { StemmaError } from "../../protocol/errors.ts";

const run = promisify(execFile);
const sample = new URL("sample.fast-import", import.meta.url);

/** The history that a demo imports, and what to call it. */
export type DemoHistory = { readonly path: string; readonly description: string };

/**
 * The history of the repository at `path` where it has one, else that of the bundled example, unpacked under `folder`.
 *
 * @throws DEMO_GIT_MISSING where there is no git to read either with.
 */
export async function chooseHistory(path: string, folder: string): Promise<DemoHistory> {
  await run("git", ["--version"]).catch((cause) => {
    throw new StemmaError("DEMO_GIT_MISSING", {}, { cause });
  });
  if (await hasCommits(path)) return { path, description: `the git history of ${path}` };
  const unpacked = join(folder, "sample-history");
  await mkdir(unpacked, { recursive: true });
  await run("git", ["init", "--quiet", "--initial-branch=main", unpacked]);
  await fastImport(unpacked);
  return { path: unpacked, description: "the bundled example history (this folder has no git history)" };
}

async function hasCommits(path: string): Promise<boolean> {
  return run("git", ["-C", path, "rev-parse", "--verify", "--quiet", "HEAD"]).then(
    () => true,
    () => false,
  );
}

function fastImport(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("git", ["-C", path, "fast-import", "--quiet", "--done"], (error) =>
      error === null ? resolve() : reject(error),
    );
    createReadStream(sample).pipe(child.stdin as NodeJS.WritableStream);
  });
}
