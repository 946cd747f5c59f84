import { join } from "node:path";
import {
  lowerHex,
  type PreparedRecord,
  requireAccount,
  type StemmaClient,
  type StemmaConnection,
} from "../../client/index.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { namespaceId as namespaceIdOf } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { createFileStates } from "./fileStates.ts";
import { createBlobHasher } from "./hashBlobs.ts";
import { openRepository } from "./openRepository.ts";
import { createPlanner } from "./planRecords.ts";
import { type Commit, countChildren, readHistory } from "./readHistory.ts";
import { readImported } from "./readImported.ts";
import type { ImportReporter } from "./reporter.ts";
import { openSaltStore } from "./salts.ts";

export type ImportGitParameters = {
  /** A folder inside the repository, or a bare one. */
  readonly path: string;
  /** With an account: it signs, pays and owns what the import starts. */
  readonly client: StemmaClient;
  /** Folder of this deployment's local data: the salts go to `<dataDir>/git/<namespaceId>.jsonl`. */
  readonly dataDir: string;
};

export type ImportGitOptions = {
  /** `git:` and the identity of the repository's origin by default. */
  readonly namespace?: string;
  /** Branch, tag or commit whose history is imported; HEAD by default. */
  readonly revision?: string;
  /** First block of the deployment: nothing before it is looked at. */
  readonly fromBlock?: bigint;
  readonly reporter?: ImportReporter;
  /** Stops after the records in hand are accepted; the next import goes on from there. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Records that are handed over together, and the most that an interruption waits for. */
  readonly recordsPerRound?: number;
};

export type ImportSummary = {
  readonly namespace: string;
  readonly namespaceId: Hex;
  /** The commit whose history was imported; null where the repository has none. */
  readonly tip: string | null;
  readonly commits: number;
  /** Commits that changed no file. */
  readonly emptyCommits: number;
  readonly recordsAdded: number;
  /** Records that the chain had already. */
  readonly recordsPresent: number;
  readonly transactions: number;
  readonly gasUsed: bigint;
  readonly interrupted: boolean;
  readonly seconds: number;
};

const commitsPerStep = 128;
const defaultRecordsPerRound = 1_000;
const pendingTimeoutMs = 60_000;

/**
 * Imports the history of a git repository: a dataset for each file, a record for each change of it, in an order in which parents
 * come before children. What the chain has already is found there and left alone, so an import can be stopped at any moment and
 * run again; a second one adds nothing.
 *
 * @throws GIT_NOT_FOUND, GIT_NOT_A_REPOSITORY, GIT_REVISION_UNKNOWN, GIT_FAILED, GIT_OBJECT_MISSING, IMPORT_NAMESPACE_FOREIGN,
 * IMPORT_TRANSACTIONS_PENDING, IMPORT_SIDECAR_INVALID, and what `client.submitBatch` throws
 * @example
 * const { recordsAdded } = await importGit({ path: ".", client, dataDir: ".stemma/localhost" });
 */
export async function importGit(
  parameters: ImportGitParameters,
  options: ImportGitOptions = {},
): Promise<ImportSummary> {
  const { client, path } = parameters;
  const { connection } = client;
  const clock = options.clock ?? Date.now;
  const startedAt = performance.now();
  const account = lowerHex(requireAccount(connection, "importGit").address);
  const repository = await openRepository(path, options.revision);
  const namespace = options.namespace ?? repository.namespace;
  const namespaceId = namespaceIdOf(namespace);
  const count = {
    commits: 0,
    emptyCommits: 0,
    recordsAdded: 0,
    recordsPresent: 0,
    transactions: 0,
    gasUsed: 0n,
  };
  let interrupted = false;
  const summary = (): ImportSummary => ({
    namespace,
    namespaceId,
    tip: repository.tip,
    ...count,
    interrupted,
    seconds: (performance.now() - startedAt) / 1000,
  });
  const { reporter } = options;
  if (repository.isShallow) {
    reporter?.notice("The clone is shallow: files seem to begin where its history was cut off.");
  }
  if (repository.tip === null) {
    reporter?.notice("The repository has no commits.");
    return summary();
  }

  await requireNothingPending(connection, account);
  await takeNamespace(client, namespace, namespaceId, account);
  const salts = openSaltStore(join(parameters.dataDir, "git", `${namespaceId}.jsonl`));
  const imported = await readImported(connection, namespaceId, {
    fromBlock: options.fromBlock ?? 0n,
    account,
    isKnown: salts.knows,
  });
  const children = await countChildren(path, repository.tip);
  reporter?.start({ namespace, commits: children.size });
  const hasher = createBlobHasher(path);
  const planner = createPlanner({
    domain: await connection.domain(),
    namespace,
    account,
    imported,
    salts,
    states: createFileStates(children),
    hasher,
    now: () => Math.floor(clock() / 1000),
  });

  let round: PreparedRecord[] = [];
  let submitting: Promise<void> = Promise.resolve();
  // While the chain works on one round, git is read for the next.
  const submit = async () => {
    await submitting;
    const records = round;
    round = [];
    if (records.length === 0) return;
    // Nothing that was published may ever lack its salt.
    salts.flush();
    submitting = client
      .submitBatch({
        records,
        onTransaction: ({ count: accepted, gasUsed }) => {
          count.recordsAdded += accepted;
          count.transactions += 1;
          count.gasUsed += gasUsed;
          reporter?.progress(count);
        },
      })
      .then(() => {});
    // It is awaited before the next round and at the end; until then a failure must not count as unhandled.
    submitting.catch(() => {});
  };

  try {
    for await (const commits of inSteps(readHistory(path, repository.tip), commitsPerStep)) {
      for (const [index, plan] of (await planner.plan(commits)).entries()) {
        count.commits += 1;
        if (commits[index]?.changes.length === 0) count.emptyCommits += 1;
        count.recordsPresent += plan.present;
        round.push(...plan.records);
      }
      reporter?.progress(count);
      if (round.length >= (options.recordsPerRound ?? defaultRecordsPerRound)) await submit();
      interrupted = options.signal?.aborted ?? false;
      if (interrupted) break;
    }
    if (!interrupted) await submit();
    await submitting;
  } finally {
    await hasher.close();
    reporter?.stop();
  }
  return summary();
}

async function* inSteps(history: AsyncIterable<Commit>, size: number): AsyncGenerator<Commit[]> {
  let step: Commit[] = [];
  for await (const commit of history) {
    step.push(commit);
    if (step.length === size) {
      yield step;
      step = [];
    }
  }
  if (step.length > 0) yield step;
}

/** Registers the namespace, or makes sure that the account may write to it. @throws IMPORT_NAMESPACE_FOREIGN */
async function takeNamespace(
  client: StemmaClient,
  namespace: string,
  namespaceId: Hex,
  account: Hex,
): Promise<void> {
  const { owner } = await client.namespaceOwner({ namespaceId });
  if (BigInt(owner) === 0n) {
    await client.registerNamespace({ namespace });
    return;
  }
  const { publicClient, registry } = client.connection;
  const isWriter = await publicClient.readContract({
    address: registry,
    abi: provenanceRegistryAbi,
    functionName: "isNamespaceWriter",
    args: [namespaceId, account],
  });
  if (!isWriter) throw new StemmaError("IMPORT_NAMESPACE_FOREIGN", { namespace, owner, account });
}

/** Transactions of an import that was killed may still be on their way, and would be sent a second time. */
async function requireNothingPending(connection: StemmaConnection, address: Hex): Promise<void> {
  const { publicClient } = connection;
  const deadline = performance.now() + pendingTimeoutMs;
  for (;;) {
    const [pending, latest] = await Promise.all([
      publicClient.getTransactionCount({ address, blockTag: "pending" }),
      publicClient.getTransactionCount({ address, blockTag: "latest" }),
    ]);
    if (pending <= latest) return;
    if (performance.now() > deadline) {
      throw new StemmaError("IMPORT_TRANSACTIONS_PENDING", { count: pending - latest, account: address });
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
