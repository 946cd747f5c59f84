import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RecordView, StemmaClient } from "../../client/index.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { parseProof, verifyProof } from "../../protocol/proof.ts";
import type { Narrator } from "./narrator.ts";
import { tamperRecord } from "./tamper.ts";

export type CheckedRecord = {
  readonly recordHash: Hex;
  readonly checkpointSize: number;
  readonly proofVerified: boolean;
  readonly tamperRefused: boolean;
};

/** Newest records among which one with a story to tell is looked for. */
const CANDIDATES = 100;

/** Takes one record's lineage and proof, checks the proof without the indexer, and shows that one changed byte is refused. */
export async function checkOneRecord(
  { client, narrator }: { readonly client: StemmaClient; readonly narrator: Narrator },
  options: { readonly logKey: string; readonly folder: string },
): Promise<CheckedRecord> {
  const record = await chooseRecord(client);
  const { recordHash } = record;
  const lineage = await client.fetchLineage({ recordHash, direction: "UPSTREAM", maxDepth: 20 });
  narrator.say(
    `GraphQL answers lineage: ${record.name}, last ${record.operation}, rests on ${lineage.nodes.length - 1} earlier records.`,
  );

  const proof = await client.fetchProof({ recordHash });
  const text = JSON.stringify(proof, null, 2);
  await writeFile(join(options.folder, "proof.json"), text);
  narrator.say(
    `Its proof fits one file of ${(text.length / 1024).toFixed(1)} KiB: the record, ${proof.inclusion.path.length} hashes up the tree, the checkpoint.`,
  );

  const checkAll = async (candidate: typeof proof) => ({
    offline: verifyProof(candidate, { vkeys: [options.logKey] }),
    onChain: await client.checkProof({ proof: candidate }),
    contracts: await client.verifyByContracts({ proof: candidate }),
  });

  const honest = await checkAll(parseProof(text));
  const proofVerified =
    honest.offline.ok && honest.onChain.ok && honest.contracts.record && honest.contracts.inclusion;
  narrator.say(
    `Checked without asking the indexer. Offline: ${holds(honest.offline.ok)}. Against the chain: ${holds(honest.onChain.ok)}. By the contracts themselves: ${holds(honest.contracts.record && honest.contracts.inclusion)}.`,
  );
  for (const { name, ok, detail } of honest.onChain.steps)
    narrator.detail(`${ok ? "✓" : "✗"} ${name}: ${detail}`);

  const forged = await checkAll(tamperRecord(proof));
  const tamperRefused = !forged.offline.ok && !forged.onChain.ok && !forged.contracts.record;
  const refusal = forged.offline.steps.find(({ ok }) => !ok);
  narrator.say(
    `One byte of the proof changed. Offline: ${holds(forged.offline.ok)}. Against the chain: ${holds(forged.onChain.ok)}. By the contracts themselves: ${holds(forged.contracts.record)}.`,
  );
  if (refusal !== undefined) narrator.detail(`✗ ${refusal.name}: ${refusal.detail}`);
  return { recordHash, checkpointSize: Number(proof.inclusion.size), proofVerified, tamperRefused };
}

/** Of the newest records, one with parents; where none has any, the one with the longest history of its own. */
async function chooseRecord(
  client: StemmaClient,
): Promise<{ readonly recordHash: Hex; readonly name: string; readonly operation: string }> {
  let chosen: RecordView | undefined;
  let seen = 0;
  for await (const record of client.records({ order: "NEWEST_FIRST", pageSize: CANDIDATES })) {
    if (chosen === undefined || storyOf(record) > storyOf(chosen)) chosen = record;
    if (++seen === CANDIDATES) break;
  }
  if (chosen === undefined) throw new StemmaError("DEMO_STEP_FAILED", { step: "the history has no records" });
  return { ...chosen, name: chosen.dataset?.name ?? chosen.dataId };
}

/** How much there is to tell of a record: parents count more than a long history. */
function storyOf({ parentHashes, sequence }: RecordView): number {
  return parentHashes.length * 1_000_000 + Number(sequence);
}

function holds(ok: boolean): string {
  return ok ? "it holds" : "refused";
}
