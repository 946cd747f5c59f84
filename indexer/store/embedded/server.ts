import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { platform } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StemmaError } from "../../../protocol/errors.ts";
import type { ServerAccount } from "./account.ts";

export type ServerOptions = {
  readonly program: string;
  readonly account: ServerAccount | null;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
};

export type RunningServer = {
  readonly pid: number;
  readonly port: number;
  /** Stops the server after its running statements were cancelled; committed data is safe. */
  readonly stop: () => Promise<void>;
};

const POLL_MS = 20;
/** Recovery after a power cut replays the write-ahead log, which takes a while. */
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 30_000;

/**
 * Starts the server in a session of its own: Ctrl-C in our terminal must not end it before the indexer has flushed. A guard
 * process holds a pipe to us and ends the server once we are gone, however we ended.
 *
 * @throws EMBEDDED_DATABASE_FAILED with the last lines of its log.
 */
export async function startServer(options: ServerOptions, port: number | null): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options, port ?? (await freePort()));
    } catch (error) {
      // Between our look and the server's bind somebody else may have taken the port.
      if (port !== null || attempt === 5 || !logTail(options.logFile).includes("could not bind")) throw error;
    }
  }
}

async function launch(options: ServerOptions, port: number): Promise<RunningServer> {
  const log = openSync(options.logFile, "a", 0o600);
  const settings = { ...options.settings, port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(options.program, ["-D", options.dataFolder, ...flags], {
    cwd: options.dataFolder,
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC" },
    ...(options.account ?? {}),
  });
  closeSync(log);
  const exited = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(failed(String(cause), cause)));
    child.once("exit", () => reject(failed(logTail(options.logFile))));
  });
  exited.catch(() => undefined);
  await Promise.race([exited, becomesReady(options.dataFolder, () => child.pid)]);
  const pid = child.pid;
  if (pid === undefined) throw failed("it has no process id");
  const guard = startGuard(pid);
  child.unref();
  return {
    pid,
    port,
    stop: async () => {
      await stopServer(pid);
      guard?.kill();
    },
  };
}

/**
 * Ends a server by its process id and waits until it is gone. Safe to call for one that is gone already.
 * SIGINT is its "fast" shutdown (statements cancelled, checkpoint written); SIGQUIT, after a while, the one without a checkpoint:
 * the next start then replays the log.
 *
 * @throws EMBEDDED_DATABASE_FAILED where even that doesn't end it.
 */
export async function stopServer(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    sendSignal(pid, signal);
    const deadline = Date.now() + STOP_LIMIT_MS;
    while (Date.now() < deadline) {
      if (!isRunning(pid)) return;
      await sleep(POLL_MS);
    }
  }
  throw failed(`process ${pid} doesn't end`);
}

/** Process id and state that a server wrote into its data folder; null where there is none. */
export function readPidFile(dataFolder: string): { pid: number; ready: boolean } | null {
  try {
    const lines = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === "ready" } : null;
  } catch {
    return null;
  }
}

/** True where the process is a PostgreSQL server of this data folder, and not a newcomer with its number. */
export function isServerOf(pid: number, dataFolder: string): boolean {
  if (!isRunning(pid)) return false;
  if (platform() !== "linux") return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(dataFolder);
  } catch {
    return false;
  }
}

async function becomesReady(dataFolder: string, pidOf: () => number | undefined): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const state = readPidFile(dataFolder);
    if (state?.ready && state.pid === pidOf()) return;
    await sleep(POLL_MS);
  }
  throw failed(`it wasn't ready after ${START_LIMIT_MS} ms`);
}

/** `read` returns when the pipe's other end, which only we hold, is closed. */
function startGuard(pid: number): ChildProcess | null {
  if (platform() === "win32") return null;
  const guard = spawn("/bin/sh", ["-c", `read -r _; kill -INT ${pid} 2>/dev/null`], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.on("error", () => undefined);
  guard.stdin.on("error", () => undefined);
  // The pipe must not keep this process alive. Its stream is a socket, which the type doesn't say.
  if ("unref" in guard.stdin && typeof guard.stdin.unref === "function") guard.stdin.unref();
  guard.unref();
  return guard;
}

/** A process that has ended but that nobody has waited for (a container without an init) still takes signals. */
function isRunning(pid: number): boolean {
  if (!sendSignal(pid, 0)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    // No /proc on this system, or gone by now: the next look tells.
    return sendSignal(pid, 0);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === "object"
          ? resolve(address.port)
          : reject(failed("no free port")),
      );
    });
  });
}

function logTail(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-5).join("; ");
  } catch {
    return "it left no log";
  }
}

function failed(reason: string, cause?: unknown): StemmaError {
  return new StemmaError("EMBEDDED_DATABASE_FAILED", { reason }, { cause });
}
