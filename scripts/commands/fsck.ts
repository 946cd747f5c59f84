import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Difference, runFsck, startEmbeddedPostgres } from "../../indexer/main.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson } from "./print.ts";
import { deploymentOf, networkOf, numberFlag, rpcUrlOf, type TargetFlags } from "./target.ts";

export type FsckFlags = TargetFlags & {
  readonly database?: string;
  readonly dataDir?: string;
  readonly limit?: string;
  readonly json?: boolean;
};

const DEFAULT_LIMIT = 100n;
const PROGRESS_INTERVAL_MS = 2_000;

/** `stemma fsck`: prints each difference between database and chain; 1 where there is any. */
export async function fsck(flags: FsckFlags): Promise<ExitCode> {
  const limit = flags.limit === undefined ? DEFAULT_LIMIT : numberFlag(flags.limit, "--limit");
  const deployment = deploymentOf(flags);
  const rpcUrl = rpcUrlOf(flags);
  await using database = await openDatabase(flags);
  const shown: Difference[] = [];
  let saidAt = performance.now();
  const report = await runFsck(
    { databaseUrl: database.url, rpcUrl, deployment },
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

/** The database that is named, else the embedded one of an indexer that doesn't run now. @throws USAGE, EMBEDDED_DATABASE_IN_USE */
async function openDatabase(flags: FsckFlags): Promise<AsyncDisposable & { readonly url: string }> {
  const given = flags.database ?? (process.env.DATABASE_URL || undefined);
  if (given !== undefined) return { url: given, [Symbol.asyncDispose]: async () => undefined };
  const folder = flags.dataDir ?? (process.env.STEMMA_DATA_DIR || `.stemma/${networkOf(flags)}`);
  const dataDir = join(folder, "postgres");
  if (!existsSync(dataDir)) {
    throw new StemmaError("USAGE", {
      problem: `There is no embedded database in ${folder}: give --database or --data-dir`,
    });
  }
  const server = await startEmbeddedPostgres({ dataDir });
  return { url: server.url, [Symbol.asyncDispose]: () => server.stop() };
}
