import { type Difference, runFsck } from "../../indexer/main.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson } from "./print.ts";
import { deploymentOf, numberFlag, rpcUrlOf, type TargetFlags } from "./target.ts";

export type FsckFlags = TargetFlags & {
  readonly database: string;
  readonly limit?: string;
  readonly json?: boolean;
};

const DEFAULT_LIMIT = 100n;
const PROGRESS_INTERVAL_MS = 2_000;

/** `stemma fsck`: prints each difference between database and chain; 1 where there is any. */
export async function fsck(flags: FsckFlags): Promise<ExitCode> {
  const limit = flags.limit === undefined ? DEFAULT_LIMIT : numberFlag(flags.limit, "--limit");
  const deployment = deploymentOf(flags);
  const shown: Difference[] = [];
  let saidAt = performance.now();
  const report = await runFsck(
    { databaseUrl: flags.database, rpcUrl: rpcUrlOf(flags), deployment },
    {
      onDifference: (difference) => {
        if (BigInt(shown.length) >= limit) return;
        shown.push(difference);
        const { where, key, problem, detail } = difference;
        if (!flags.json) say(`${problem.padEnd(8)} ${where} ${key}: ${detail}`);
      },
      onProgress: ({ step, done, of }) => {
        if (performance.now() - saidAt < PROGRESS_INTERVAL_MS) return;
        saidAt = performance.now();
        process.stderr.write(`${step}: ${done} of ${of}\n`);
      },
    },
  );
  const { differences, block, logSize } = report;
  if (flags.json) sayJson({ ok: differences === 0, ...report, shown });
  else if (block === null) say("The database holds no final block yet: there is nothing to compare");
  else {
    const hidden = differences - shown.length;
    if (hidden > 0) say(`… and ${hidden} more: raise --limit to see them`);
    const result = differences === 0 ? "No difference" : `${differences} differences`;
    say(`${result} up to block ${block}, log size ${logSize}`);
  }
  return differences === 0 ? 0 : 1;
}
