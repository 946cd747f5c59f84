import type { PreparedRecord } from "../../client/index.ts";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../protocol/bytes.ts";
import { dataIdOf, nameHash, namespaceId as namespaceIdOf } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { sha256 } from "../../protocol/hash.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { parentsHash, sortParents } from "../../protocol/parents.ts";
import { type ProvenanceRecord, type RecordDomain, recordHash } from "../../protocol/record.ts";
import { type FileState, type FileStates, type FileStep, type Files, judgeChange } from "./fileStates.ts";
import type { BlobHasher } from "./hashBlobs.ts";
import { type Commit, type FileChange, submoduleMode } from "./readHistory.ts";
import type { ImportedRecords } from "./readImported.ts";
import type { SaltStore } from "./salts.ts";

/** What a commit amounts to. */
export type CommitPlan = {
  /** Records that the chain doesn't have yet, in the order in which they must be accepted. */
  readonly records: readonly PreparedRecord[];
  /** Number of the commit's records that the chain has already. */
  readonly present: number;
};

export type PlanDependencies = {
  readonly domain: RecordDomain;
  readonly namespace: string;
  /** The account that signs, agent of every record and owner of the datasets that it starts. */
  readonly account: Hex;
  readonly imported: ImportedRecords;
  readonly salts: SaltStore;
  readonly states: FileStates;
  readonly hasher: BlobHasher;
  /** Seconds since 1970. */
  readonly now: () => number;
};

/** The contract's own limit. */
const maxParents = 64;
const operations = {
  CREATE: encodeOperation("CREATE"),
  TRANSFORM: encodeOperation("TRANSFORM"),
  DERIVE: encodeOperation("DERIVE"),
  REVOKE: encodeOperation("REVOKE"),
};

/** Turns commits, in their order, into records. It keeps in mind what it planned, so that later commits build on it. */
export function createPlanner(dependencies: PlanDependencies) {
  const { domain, namespace, account, imported, salts, states, hasher, now } = dependencies;
  const namespaceId = namespaceIdOf(namespace);
  const plannedHeads = new Map<Hex, Hex>();

  function plan(commit: Commit, hashes: ReadonlyMap<string, Hex>): CommitPlan {
    const { first, others } = states.ofParents(commit);
    const records: PreparedRecord[] = [];
    let present = 0;
    let files = first;
    // Before anything else: in a chain of renames the old name of one is the new name of another.
    for (const change of commit.changes) {
      if (change.kind === "RENAME") files = withoutOld(files, change, others);
    }
    for (const change of commit.changes) {
      const outcome = judgeChange(change, first, others);
      if (outcome.kind === "TAKEN") {
        files = files.set(outcome.name, outcome.state);
      } else {
        const { hash, dataHash, record } = settle(commit, outcome.step, hashes);
        if (record === null) present++;
        else records.push(record);
        files = files.set(change.name, {
          recordHash: hash,
          dataHash,
          object: change.object,
          mode: change.mode,
          present: change.kind !== "DELETE",
        });
      }
    }
    states.set(commit, files);
    return { records, present };
  }

  /** Finds the step's record on the chain, or makes it. */
  function settle(commit: Commit, step: FileStep, hashes: ReadonlyMap<string, Hex>) {
    const hashOfName = nameHash(step.name);
    const dataId = dataIdOf(namespaceId, hashOfName);
    const operation = operations[step.operation];
    const dataHash = dataHashOf(step, hashes);
    const known = salts.find(commit.id);
    const found =
      known === undefined
        ? imported.takeByContent(dataId, operation, dataHash)
        : imported.findByCommitment(dataId, known);
    if (found !== undefined) return { hash: found, dataHash, record: null };

    const previousHash = plannedHeads.get(dataId) ?? imported.headOf(dataId);
    const parents = parentsOf(step, previousHash);
    const record: ProvenanceRecord = {
      dataId,
      dataHash,
      previousHash,
      parentsHash: parentsHash(parents),
      operation,
      metadataHash: salts.find(commit.id) ?? salts.add(commit),
      dataOwner: imported.ownerOf(dataId) ?? account,
      // A clock that was wrong must not keep a commit out: the contract refuses the future, and no time at all.
      timestamp: BigInt(Math.max(1, Math.min(commit.time, now()))),
    };
    const hash = recordHash(domain, record);
    plannedHeads.set(dataId, hash);
    const start = previousHash === ZERO_HASH ? { namespaceId, nameHash: hashOfName, name: step.name } : null;
    return { hash, dataHash, record: { record, parents, recordHash: hash, start } satisfies PreparedRecord };
  }

  return {
    /** Plans commits that follow those planned before, parents first. */
    async plan(commits: readonly Commit[]): Promise<CommitPlan[]> {
      const hashes = await hasher.hash(
        commits.flatMap(({ changes }) => changes.filter(hasBlob).map(({ object }) => object)),
      );
      return commits.map((commit) => plan(commit, hashes));
    },
  };
}

function hasBlob(change: FileChange): boolean {
  return change.mode !== submoduleMode;
}

/** A submodule's data is in another repository: the id of its commit stands for it. */
function dataHashOf({ change }: FileStep, hashes: ReadonlyMap<string, Hex>): Hex {
  if (!hasBlob(change)) return bytesToHex(sha256(utf8(change.object)));
  const hash = hashes.get(change.object);
  if (hash === undefined)
    throw new StemmaError("ASSERTION_FAILED", { what: `blob ${change.object} wasn't hashed` });
  return hash;
}

/**
 * The dataset's history is one line, git's is not. Where the record that git calls the parent is the previous one, that says it
 * all; where a branch came in between, or several parents meet, they are named.
 */
function parentsOf(step: FileStep, previousHash: Hex): Hex[] {
  const [only, ...more] = step.parents;
  const isSaid = more.length === 0 && only === previousHash;
  return isSaid ? [] : sortParents(step.parents).slice(0, maxParents);
}

/** After a rename the old name is free; where a merge takes the rename over, the old name's state comes with it. */
function withoutOld(files: Files, change: FileChange, others: readonly Files[]): Files {
  if (change.oldName === null) return files;
  const { oldName } = change;
  const gone = others
    .map((other) => other.get(oldName))
    .find((state) => state !== undefined && !state.present);
  const last: FileState | undefined = gone ?? files.get(oldName);
  return last === undefined ? files : files.set(oldName, { ...last, present: false });
}
