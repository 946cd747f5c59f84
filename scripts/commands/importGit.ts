import { createStemmaClient } from "../../client/index.ts";
import { importGit as importRepository } from "../../importers/git/importGit.ts";
import { createImportReporter } from "../../importers/git/reporter.ts";
import { accountFromEnvironment } from "./account.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson } from "./print.ts";
import { deploymentOf, networkOf, rpcUrlOf, type TargetFlags } from "./target.ts";

export type ImportGitFlags = TargetFlags & {
  readonly namespace?: string;
  readonly revision?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
};

/** `stemma import git`: a repository's history as lineage. Ctrl-C stops after the records in hand; the next import goes on. */
export async function importGit(path: string, flags: ImportGitFlags): Promise<ExitCode> {
  const account = accountFromEnvironment(process.env);
  const deployment = deploymentOf(flags);
  const client = createStemmaClient({ rpcUrl: rpcUrlOf(flags), deployment, account });
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal);
  try {
    const summary = await importRepository(
      {
        path,
        client,
        dataDir: flags.dataDir ?? (process.env.STEMMA_DATA_DIR || `.stemma/${networkOf(flags)}`),
      },
      {
        ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
        ...(flags.revision === undefined ? {} : { revision: flags.revision }),
        fromBlock: deployment.startBlock,
        reporter: createImportReporter(process.stderr),
        signal: stop.signal,
      },
    );
    if (flags.json) sayJson(summary);
    else {
      const { recordsAdded, recordsPresent, commits, transactions, seconds, namespace } = summary;
      say(`${recordsAdded} records added, ${recordsPresent} were there, from ${commits} commits`);
      say(`  ${transactions} transactions in ${seconds.toFixed(1)} s, namespace ${namespace}`);
      if (summary.interrupted) say("Stopped before the end: run it again to go on");
    }
    return summary.interrupted ? 1 : 0;
  } finally {
    process.off("SIGINT", onSignal);
  }
}
