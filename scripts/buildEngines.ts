import { spawnSync } from "node:child_process";
import { resolveEtcd } from "../cluster/engines/etcd.ts";
import { resolveGeth } from "../cluster/engines/geth.ts";
import { describeError } from "../protocol/errors.ts";

/** Finds or builds the engines, so that tests and benchmarks that need them don't wait for a compiler. Says where each is. */
async function buildEngines(): Promise<void> {
  const options = {
    env: process.env,
    cacheDir: ".stemma/bin",
    onProgress: (line: string) => console.log(line),
  };
  console.log(`geth: ${await resolveGeth(options)}`);
  console.log(`etcd: ${await resolveEtcd(options)}`);
}

// Without Go and without the programs there is nothing to test with: 3 tells that from a build that failed.
const hasGo = spawnSync("go", ["version"], { stdio: "ignore" }).status === 0;
try {
  await buildEngines();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = hasGo ? 1 : 3;
}
