import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { StemmaError } from "../../protocol/errors.ts";

/** The version that `go.mod` pins: the first whose recovery after a crash is whole, the last that builds from the module proxy. */
const GETH_VERSION = "1.17.8";

const PACKAGE = "github.com/ethereum/go-ethereum/cmd/geth";

export type GethOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a built geth is kept, e.g. `.stemma/bin`. */
  readonly cacheDir: string;
  /** Told what is going on, in lines for people, while it is built: that takes minutes. */
  readonly onProgress?: (line: string) => void;
};

/**
 * Path of a geth that runs: STEMMA_GETH, else one from PATH, else the cache, else one that is built now from `go.mod` beside this file
 * (its sums are in `go.sum`).
 *
 * @throws GETH_UNAVAILABLE
 */
export async function resolveGeth(options: GethOptions): Promise<string> {
  const { env, cacheDir } = options;
  if (env.STEMMA_GETH) {
    if (!runs(env.STEMMA_GETH)) throw unavailable(`STEMMA_GETH (${env.STEMMA_GETH}) doesn't run`);
    return env.STEMMA_GETH;
  }
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const candidate = join(folder, "geth");
    if (folder !== "" && existsSync(candidate) && runs(candidate)) return candidate;
  }
  const cached = resolve(cacheDir, `geth-${GETH_VERSION}`);
  if (existsSync(cached) && runs(cached)) return cached;
  await build(cached, options);
  return cached;
}

async function build(target: string, options: GethOptions): Promise<void> {
  const say = options.onProgress ?? (() => {});
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) throw unavailable("Go isn't installed");
  mkdirSync(resolve(options.cacheDir), { recursive: true });
  say(`Building geth ${GETH_VERSION} from the Go module proxy; this takes some minutes, once`);
  // -v names each package when it is done: the only progress that the Go tool shows.
  const partial = `${target}.${process.pid}`;
  const args = ["build", "-v", "-trimpath", "-o", partial, PACKAGE];
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
  say(`geth ${GETH_VERSION} is at ${target}`);
}

function runs(path: string): boolean {
  return spawnSync(path, ["version"], { stdio: "ignore" }).status === 0;
}

function unavailable(problem: string): StemmaError {
  return new StemmaError("GETH_UNAVAILABLE", { problem });
}
