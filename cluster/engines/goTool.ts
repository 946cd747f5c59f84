import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** A program that `go.mod` beside this file pins as a `tool`. */
export type GoTool = {
  readonly name: string;
  /** As `go.mod` pins it. */
  readonly version: string;
  readonly package: string;
  /** Variable that names a program to use instead. */
  readonly variable: string;
  /** What makes it print its version and end with 0. */
  readonly versionArguments: readonly string[];
};

export type GoToolOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a built program is kept, e.g. `.stemma/bin`. */
  readonly cacheDir: string;
  /** Told what is going on, in lines for people, while it is built: that takes minutes. */
  readonly onProgress?: (line: string) => void;
};

/**
 * Path of a program that runs: from its variable, else from PATH, else from the cache, else built now from `go.mod` (its sums are in
 * `go.sum`).
 *
 * @throws what `unavailable` makes of the reason
 */
export async function resolveGoTool(
  tool: GoTool,
  options: GoToolOptions,
  unavailable: (problem: string) => Error,
): Promise<string> {
  const { env, cacheDir } = options;
  const runs = (path: string) => spawnSync(path, tool.versionArguments, { stdio: "ignore" }).status === 0;
  const named = env[tool.variable];
  if (named) {
    if (!runs(named)) throw unavailable(`${tool.variable} (${named}) doesn't run`);
    return named;
  }
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const candidate = join(folder, tool.name);
    if (folder !== "" && existsSync(candidate) && runs(candidate)) return candidate;
  }
  const cached = resolve(cacheDir, `${tool.name}-${tool.version}`);
  if (existsSync(cached) && runs(cached)) return cached;
  await build(tool, cached, options, unavailable);
  return cached;
}

async function build(
  tool: GoTool,
  target: string,
  options: GoToolOptions,
  unavailable: (problem: string) => Error,
): Promise<void> {
  const say = options.onProgress ?? (() => {});
  const title = `${tool.name} ${tool.version}`;
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) throw unavailable("Go isn't installed");
  mkdirSync(resolve(options.cacheDir), { recursive: true });
  say(`Building ${title} from the Go module proxy; this takes some minutes, once`);
  // -v names each package when it is done: the only progress that the Go tool shows.
  const partial = `${target}.${process.pid}`;
  const args = ["build", "-v", "-trimpath", "-o", partial, tool.package];
  const child = spawn("go", args, { cwd: import.meta.dirname, stdio: ["ignore", "ignore", "pipe"] });
  let last = "";
  let packages = 0;
  createInterface({ input: child.stderr }).on("line", (line) => {
    last = line;
    if (++packages % 50 === 0) say(`${packages} packages: ${line}`);
  });
  const status = await new Promise<number | null>((done) => {
    child.once("error", () => done(null));
    child.once("close", done);
  });
  if (status !== 0) throw unavailable(last || "go build failed");
  // Only a whole binary gets the name that is looked for.
  renameSync(partial, target);
  say(`${title} is at ${target}`);
}
