import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { StemmaError } from "../../../protocol/errors.ts";

/** Holds a data directory for this process. */
export type OwnerLock = { readonly release: () => void };

/**
 * Takes the directory's lock file. A lock whose process is gone is taken over; process ids are reused, so the time when the
 * process started is part of the lock.
 *
 * @throws EMBEDDED_DATABASE_IN_USE where a living process holds it, this one included.
 */
export function takeOwnerLock(file: string, directory: string): OwnerLock {
  const own = `${process.pid} ${startOf(process.pid) ?? ""}\n`;
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, own, { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link appears with its contents or not at all.
        linkSync(draft, file);
        return { release: () => releaseLock(file, own) };
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
      removeStale(file, directory);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeStale(file: string, directory: string): void {
  const held = readIfThere(file);
  if (held === null) return;
  const [pid = "", start = ""] = held.trim().split(" ");
  if (isAlive(Number(pid), start)) throw new StemmaError("EMBEDDED_DATABASE_IN_USE", { pid, directory });
  // Two processes may find the same stale lock: only the one that moves that very lock away may remove it.
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if (readIfThere(aside) !== held) {
    try {
      linkSync(aside, file);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
  unlinkSync(aside);
}

function releaseLock(file: string, own: string): void {
  if (readIfThere(file) === own) rmSync(file, { force: true });
}

function isAlive(pid: number, start: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (hasCode(error, "ESRCH")) return false;
  }
  if (isZombie(pid)) return false;
  const now = startOf(pid);
  return now === null || start === "" || now === start;
}

/** Ended, but nobody has waited for it: usual in a container without an init. */
function isZombie(pid: number): boolean {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat !== null && stat[stat.lastIndexOf(")") + 2] === "Z";
}

/** Start time of a process in clock ticks since boot; null where the system doesn't tell. */
function startOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The program's name stands in parentheses and may hold anything; field 22 of proc(5) is the 20th after it.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
