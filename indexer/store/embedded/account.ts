import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { StemmaError } from "../../../protocol/errors.ts";

/** The system account that the server runs under. */
export type ServerAccount = { readonly uid: number; readonly gid: number };

const NAME = "postgres";

/**
 * PostgreSQL refuses to run as root. As root, returns the `postgres` account, which is created where it is missing; as anybody
 * else returns null: the server then runs as we do.
 *
 * @throws EMBEDDED_DATABASE_FAILED where the account can't be created.
 */
export function serverAccount(): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  const known = lookUp();
  if (known !== null) return known;
  try {
    try {
      execFileSync("useradd", ["--system", "--user-group", "--no-create-home", NAME], { stdio: "ignore" });
    } catch {
      // BusyBox systems have adduser only.
      execFileSync("adduser", ["-S", "-D", "-H", NAME], { stdio: "ignore" });
    }
  } catch (cause) {
    const reason = "it can't run as root, and no account named postgres could be created";
    throw new StemmaError("EMBEDDED_DATABASE_FAILED", { reason }, { cause });
  }
  const created = lookUp();
  if (created === null) {
    throw new StemmaError("EMBEDDED_DATABASE_FAILED", { reason: "the account postgres has no id" });
  }
  return created;
}

/** The topmost folder on the way to `path` that `account` can't enter; null where it reaches `path`. */
export function unreachableFolder(path: string, account: ServerAccount): string | null {
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of folders) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    // What doesn't exist yet is created by us, and openly.
    if (stat === undefined) return null;
    const enter = stat.uid === account.uid ? 0o100 : stat.gid === account.gid ? 0o010 : 0o001;
    if ((stat.mode & enter) === 0) return folder;
  }
  return null;
}

/**
 * A folder outside every home, the same for the same `key`. It must not be in a folder that others could swap under us: the
 * system's temporary folders are sticky, and the name is refused where somebody else owns it.
 */
export function sharedPlace(prefix: string, key: string): string {
  const parent = statSync("/var/tmp", { throwIfNoEntry: false })?.isDirectory() ? "/var/tmp" : tmpdir();
  const digest = createHash("sha256").update(resolve(key)).digest("hex").slice(0, 16);
  const place = join(parent, `${prefix}-${process.getuid?.() ?? 0}-${digest}`);
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat !== undefined && stat.uid !== process.getuid?.()) {
    throw new StemmaError("EMBEDDED_DATABASE_FAILED", { reason: `${place} belongs to another account` });
  }
  return place;
}

function lookUp(): ServerAccount | null {
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, NAME], { encoding: "utf8", stdio: "pipe" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return null;
  }
}
