import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of one demo's own, so that two of them never meet. */
export type Workspace = {
  readonly folder: string;
  /** Folders of killed demos that were removed. Their chains and databases end by themselves with their parent. */
  readonly swept: number;
  remove(): Promise<void>;
};

const prefix = "stemma-demo-";
const ownerFile = "owner.pid";

/** Makes the folder below `parent`, and removes those of demos whose process is gone. */
export async function openWorkspace(parent = tmpdir()): Promise<Workspace> {
  const swept = await sweep(parent);
  const folder = await mkdtemp(join(parent, prefix));
  // The database may run as another account, which has to pass through; what is secret inside has modes of its own.
  await chmod(folder, 0o755);
  await writeFile(join(folder, ownerFile), String(process.pid));
  return { folder, swept, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function sweep(parent: string): Promise<number> {
  let swept = 0;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(parent, name);
    const owner = Number(await readFile(join(folder, ownerFile), "utf8").catch(() => ""));
    if (!owner || isAlive(owner)) continue;
    // A database that is still closing may write once more; the next demo then takes what is left.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).then(
      () => swept++,
      () => {},
    );
  }
  return swept;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
