import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { StemmaError } from "../../protocol/errors.ts";
import type { ColdRun } from "./coldIndex.ts";
import type { DenseChain } from "./denseChain.ts";
import type { PeakMemory } from "./memoryWatch.ts";

export type ColdOrder = {
  readonly rpcUrl: string;
  readonly chain: DenseChain;
  readonly databaseUrl: string;
  readonly log: boolean;
};

export type ColdReport = ColdRun & {
  readonly memory: PeakMemory;
  /** Processor time of the indexer while it indexed. */
  readonly cpuSeconds: number;
};

const program = fileURLToPath(new URL("coldIndexChild.ts", import.meta.url));
const manifest = new URL("../../package.json", import.meta.url);

/** {@link coldIndex} in a process of its own, so that memory and processor time are the indexer's alone. */
export async function coldIndexProcess(order: ColdOrder): Promise<ColdReport> {
  const child = fork(program, [JSON.stringify(order)], { execArgv: indexerFlags() });
  return new Promise((resolve, reject) => {
    child.once("message", (report) => resolve(report as ColdReport));
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new StemmaError("BENCH_FAILED", { reason: `the indexer ended with code ${code}` })),
    );
  });
}

/** The flags of `npm run indexer`: what is measured runs under the same ones. */
function indexerFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(manifest, "utf8")) as { scripts: { indexer: string } };
  return scripts.indexer.split(" ").filter((word) => word.startsWith("--"));
}
