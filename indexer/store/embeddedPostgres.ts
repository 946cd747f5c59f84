import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { StemmaError } from "../../protocol/errors.ts";
import { type ServerAccount, serverAccount, sharedPlace, unreachableFolder } from "./embedded/account.ts";
import { type Binaries, locateBinaries } from "./embedded/binaries.ts";
import { takeOwnerLock } from "./embedded/ownerLock.ts";
import { isServerOf, readPidFile, startServer, stopServer } from "./embedded/server.ts";

export type EmbeddedPostgresOptions = {
  /** Everything of the server lives in it: data, password, log. Created where it is missing. */
  readonly dataDir: string;
  /** A free port is taken where none is given. */
  readonly port?: number | undefined;
  /** Settings of postgresql.conf, added to ours. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

export type EmbeddedPostgres = {
  /** Connection URL with the password; of the loopback interface. */
  readonly url: string;
  /** Where the data really is: another place than asked for where the server's account can't reach that. */
  readonly dataDir: string;
  /** Something the operator should be told once; null where all is as asked for. */
  readonly notice: string | null;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

const USER = "stemma";
const DATABASE = "stemma";

/** Loopback only; write-ahead log sized so that a backfill isn't one checkpoint after another. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "2GB",
  min_wal_size: "256MB",
  checkpoint_timeout: "15min",
  wal_level: "minimal",
  max_wal_senders: "0",
  // Compiling a lineage query takes longer than running it.
  jit: "off",
  password_encryption: "scram-sha-256",
} as const;

const MIB = 2 ** 20;

/**
 * A sixteenth of the memory, from 128 to 512 MB, taken only as it is used. Indexes over hashes are written all over: with 2 M rows,
 * 512 MB write a quarter faster than 128 MB (measured).
 */
function sharedBuffers(): string {
  // What a container may use; 0 or more than there is where it may use all.
  const allowed = process.constrainedMemory();
  const total = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  return `${Math.min(512, Math.max(128, Math.floor(total / 16 / MIB)))}MB`;
}

/**
 * Runs a real PostgreSQL server out of an npm package, for machines that have none. One process at a time owns a data directory.
 * The server outlives Ctrl-C until {@link EmbeddedPostgres.stop}, and ends by itself when this process is killed; one that a
 * killed process left behind is stopped cleanly first.
 *
 * @throws EMBEDDED_DATABASE_IN_USE, EMBEDDED_DATABASE_FAILED, EMBEDDED_DATABASE_UNSUPPORTED, EMBEDDED_DATABASE_VERSION
 *
 * @example
 * const server = await startEmbeddedPostgres({ dataDir: ".stemma/localhost/postgres" });
 * const store = await createStore({ url: server.url });
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const { directory, notice } = placeFor(resolve(options.dataDir), account);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const lock = takeOwnerLock(join(directory, "owner.lock"), directory);
  try {
    const binaries = await locateBinaries(account);
    const dataFolder = join(directory, "data");
    await stopLeftover(dataFolder);
    const password = initialise(directory, dataFolder, binaries, account);
    const server = await startServer(
      {
        program: binaries.postgres,
        account,
        dataFolder,
        logFile: join(directory, "server.log"),
        settings: { ...SETTINGS, shared_buffers: sharedBuffers(), ...options.settings },
      },
      options.port ?? null,
    );
    let stopping: Promise<void> | null = null;
    return {
      url: `postgres://${USER}:${password}@127.0.0.1:${server.port}/${DATABASE}`,
      dataDir: directory,
      notice,
      pid: server.pid,
      stop: () => {
        stopping ??= server.stop().finally(lock.release);
        return stopping;
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function placeFor(
  wanted: string,
  account: ServerAccount | null,
): { directory: string; notice: string | null } {
  const barrier = account === null ? null : unreachableFolder(wanted, account);
  if (barrier === null) return { directory: wanted, notice: null };
  if (barrier === wanted) {
    // The folder itself is ours to open; what is secret in it has modes of its own.
    chmodSync(wanted, 0o755);
    return { directory: wanted, notice: null };
  }
  const directory = sharedPlace("stemma-data", wanted);
  const notice = `The database is kept in ${directory}: the account postgres can't enter ${barrier}.`;
  return { directory, notice };
}

async function stopLeftover(dataFolder: string): Promise<void> {
  const left = readPidFile(dataFolder);
  if (left !== null && isServerOf(left.pid, dataFolder)) await stopServer(left.pid);
}

/** Creates the data folder where there is none, and returns the password of its user. */
function initialise(
  directory: string,
  dataFolder: string,
  binaries: Binaries,
  account: ServerAccount | null,
): string {
  const passwordFile = join(directory, "password");
  if (existsSync(join(dataFolder, "PG_VERSION"))) {
    checkVersion(dataFolder, binaries);
    return readFileSync(passwordFile, "utf8").trim();
  }
  const password = randomBytes(24).toString("hex");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  chmodSync(passwordFile, 0o600);
  // An interrupted initdb leaves a draft behind, never a half-made data folder.
  const draft = `${dataFolder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  if (account !== null) {
    chownSync(draft, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  const flags = [
    `--pgdata=${draft}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    "--no-instructions",
  ];
  const made = spawnSync(binaries.initdb, flags, {
    cwd: draft,
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC" },
    ...(account ?? {}),
  });
  if (made.status !== 0) {
    const reason = made.stderr?.trim() || String(made.error ?? `initdb ended with ${made.status}`);
    throw new StemmaError("EMBEDDED_DATABASE_FAILED", { reason }, { cause: made.error });
  }
  createDatabase(draft, binaries, account);
  renameSync(draft, dataFolder);
  return password;
}

/** A server in single-user mode needs neither port nor password. */
function createDatabase(folder: string, binaries: Binaries, account: ServerAccount | null): void {
  const made = spawnSync(binaries.postgres, ["--single", "-D", folder, "postgres"], {
    cwd: folder,
    encoding: "utf8",
    input: `CREATE DATABASE ${DATABASE};\n`,
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC" },
    ...(account ?? {}),
  });
  if (made.status !== 0 || made.stderr.includes("ERROR:")) {
    throw new StemmaError("EMBEDDED_DATABASE_FAILED", { reason: made.stderr.trim() }, { cause: made.error });
  }
}

function checkVersion(dataFolder: string, binaries: Binaries): void {
  const found = readFileSync(join(dataFolder, "PG_VERSION"), "utf8").trim();
  const told = spawnSync(binaries.postgres, ["--version"], { encoding: "utf8" });
  const known = /(\d+)/.exec(told.stdout ?? "")?.[1] ?? "?";
  if (found !== known) {
    throw new StemmaError("EMBEDDED_DATABASE_VERSION", { directory: dataFolder, found, known });
  }
}
