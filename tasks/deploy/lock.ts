import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { StemmaError } from "../../protocol/errors.ts";

/**
 * Holds `file` for this process, so that two deployments never write one folder; returns what gives it back. What a killed
 * process left behind is taken over.
 *
 * @throws DEPLOY_IN_PROGRESS where a living process holds it.
 */
export function acquireLock(file: string, network: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (;;) {
      try {
        // A link appears with its content or not at all, unlike a file that is created and then written.
        linkSync(own, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        const holder = readHolder(file);
        if (holder !== undefined && isAlive(holder)) {
          throw new StemmaError("DEPLOY_IN_PROGRESS", { network, pid: holder }, { cause: error });
        }
        rmSync(file, { force: true });
      }
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function readHolder(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
