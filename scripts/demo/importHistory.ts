import { join } from "node:path";
import type { StemmaClient } from "../../client/index.ts";
import { importGit } from "../../importers/git/importGit.ts";
import { createImportReporter } from "../../importers/git/reporter.ts";
import type { Narrator } from "./narrator.ts";
import { chooseHistory } from "./sampleRepository.ts";

/** Imports a git history as lineage, and returns how many records the chain then has. */
export async function importHistory(
  client: StemmaClient,
  narrator: Narrator,
  options: { readonly history: string; readonly folder: string },
): Promise<number> {
  const history = await chooseHistory(options.history, options.folder);
  narrator.say(
    `Real lineage is recorded: ${history.description}. A dataset for each file, a record for each change.`,
  );
  const summary = await importGit(
    { path: history.path, client, dataDir: join(options.folder, "importer") },
    { reporter: createImportReporter(process.stderr) },
  );
  const { recordsAdded, commits, transactions } = summary;
  narrator.say(
    `${recordsAdded} records of ${commits} commits are on the chain, in ${transactions} transactions.`,
  );
  return recordsAdded;
}
