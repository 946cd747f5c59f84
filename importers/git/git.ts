import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { StemmaError } from "../../protocol/errors.ts";

/** A running git command with its streams. */
export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

const run = promisify(execFile);
const maxOutputBytes = 16 * 1024 * 1024;

/**
 * Settings that would change what git prints. Variables such as GIT_DIR are set inside hooks and would lead to another repository.
 */
function gitEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|NAMESPACE|OBJECT_DIRECTORY|COMMON_DIR|EXTERNAL_DIFF|DIFF_OPTS)$/.test(
        name,
      ),
  );
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    // History as it was written, not as it is told to look.
    GIT_NO_REPLACE_OBJECTS: "1",
  };
}

/** What a short git command prints. @throws GIT_NOT_FOUND, GIT_FAILED */
export async function gitOutput(path: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run("git", ["-C", path, ...args], {
      env: gitEnvironment(),
      maxBuffer: maxOutputBytes,
    });
    return stdout;
  } catch (error) {
    throw failure(args, error);
  }
}

/** Starts a git command whose output is read as a stream. */
export function startGit(path: string, args: readonly string[]): GitProcess {
  const child = spawn("git", ["-C", path, ...args], {
    env: gitEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C goes to a whole group: git must live until the importer has finished what it holds. Closed pipes end it in any case.
    detached: true,
  });
  // A git that dies early is noticed by its exit; the broken pipe says nothing more.
  child.stdin.on("error", () => {});
  child.on("error", () => {});
  return child;
}

/** Waits for the end of a command whose output was read. @throws GIT_NOT_FOUND, GIT_FAILED */
export async function finishGit(
  child: GitProcess,
  args: readonly string[],
  errorText: () => string,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, "close").catch((error) => Promise.reject(failure(args, error)));
  }
  if (child.exitCode !== 0) {
    const reason = errorText() || `it ended with ${child.exitCode ?? child.signalCode}`;
    throw new StemmaError("GIT_FAILED", { command: args[0] ?? "", reason });
  }
}

/** Keeps the end of what a command complains of. */
export function collectErrors(child: GitProcess): () => string {
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text = (text + part).slice(-1_000);
  });
  return () => text.trim().replace(/\s+/g, " ");
}

function failure(args: readonly string[], error: unknown): StemmaError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  const reason = (stderr || String(error)).replace(/\s+/g, " ").slice(0, 500);
  if (code === "ENOENT") return new StemmaError("GIT_NOT_FOUND", { reason }, { cause: error });
  return new StemmaError("GIT_FAILED", { command: args[0] ?? "", reason }, { cause: error });
}
