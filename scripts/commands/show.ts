import { createStemmaClient } from "../../client/index.ts";
import { apiConnection } from "./apiConnection.ts";
import type { ExitCode } from "./exit.ts";
import { printable } from "./lineage.ts";
import { say, sayJson } from "./print.ts";
import { hexFlag, type TargetFlags } from "./target.ts";

/** `stemma show`: a record as the indexer knows it, with the times of its states. */
export async function show(
  recordHash: string,
  flags: TargetFlags & { readonly json?: boolean },
): Promise<ExitCode> {
  const client = createStemmaClient(apiConnection(flags));
  const record = await client.fetchRecord({ recordHash: hexFlag(recordHash, "The record's hash", 32) });
  if (flags.json) {
    sayJson(record);
    return 0;
  }
  const { dataset, states, endorsements, parentHashes, ...fields } = record;
  const name = [dataset?.namespaceName, dataset?.name]
    .map((part) => printable(part ?? "(not published)"))
    .join(" / ");
  say(`dataset          ${name}`);
  for (const [field, value] of Object.entries(fields)) say(`${field.padEnd(16)} ${value}`);
  for (const parent of parentHashes) say(`parent           ${parent}`);
  for (const { validator } of endorsements) say(`endorsed by      ${validator}`);
  for (const [state, at] of Object.entries(states))
    if (at instanceof Date) say(`${state.padEnd(16)} ${at.toISOString()}`);
  return 0;
}
