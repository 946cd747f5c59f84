import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { PreparedRecord } from "../../client/index.ts";
import { createFileStates, type Files } from "../../importers/git/fileStates.ts";
import { createBlobHasher } from "../../importers/git/hashBlobs.ts";
import { createPlanner } from "../../importers/git/planRecords.ts";
import { countChildren, readHistory } from "../../importers/git/readHistory.ts";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../protocol/bytes.ts";
import { sha256 } from "../../protocol/hash.ts";
import { decodeOperation } from "../../protocol/operation.ts";
import { parentsHash } from "../../protocol/parents.ts";
import {
  type CommitSpec,
  commit,
  createRepository,
  file,
  remove,
  type TestRepository,
} from "./gitRepository.ts";

const names = ["a", "b", "c", "dir/a", "dir/b"];
const account: Hex = `0x${"11".repeat(20)}`;
const domain = { chainId: 1n, registry: account };

/** Contents long enough for git to see renames and copies in them. */
const content = (seed: number) => `line ${seed}\n`.repeat(10);

type RandomCommit = {
  readonly branches: readonly number[];
  readonly changes: readonly { readonly name: number; readonly content: number | null }[];
};

const randomCommit: fc.Arbitrary<RandomCommit> = fc.record({
  branches: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
  changes: fc.uniqueArray(
    fc.record({ name: fc.nat(names.length - 1), content: fc.option(fc.nat(6), { freq: 4 }) }),
    { maxLength: 4, selector: ({ name }) => name },
  ),
});

/** A history in which every commit follows one to three of the six before it. */
function toHistory(commits: readonly RandomCommit[]): CommitSpec[] {
  return commits.map(({ branches, changes }, index) => {
    const parents = [...new Set(branches.map((back) => Math.max(1, index - back)))];
    const [from, ...merges] = index === 0 ? [] : parents;
    return {
      mark: index + 1,
      ...(from === undefined ? {} : { from }),
      merges,
      changes: changes.map(({ name, content: seed }) =>
        seed === null ? remove(names[name] ?? "") : file(names[name] ?? "", content(seed)),
      ),
    };
  });
}

/** The files of a commit as git tells them: name, mode and object. */
function filesOf(repository: TestRepository, commitId: string): Map<string, string> {
  const lines = repository.git(["ls-tree", "-r", "-z", commitId]).split("\0");
  return new Map(
    lines
      .filter((line) => line !== "")
      .map((line) => {
        const [about = "", name = ""] = line.split("\t");
        const [mode, , object] = about.split(" ");
        return [name, `${mode} ${object}`];
      }),
  );
}

/** Plans a whole history as for an empty chain; the files are those that the planner knew after each commit. */
async function planHistory(repository: TestRepository) {
  const states = createFileStates(await countChildren(repository.path, "main"));
  const filesAfter = new Map<string, Files>();
  const commitments = new Map<string, Hex>();
  const hasher = createBlobHasher(repository.path);
  const planner = createPlanner({
    domain,
    namespace: "test",
    account,
    hasher,
    now: () => 2_000_000_000,
    imported: {
      headOf: () => ZERO_HASH,
      ownerOf: () => undefined,
      findByCommitment: () => undefined,
      takeByContent: () => undefined,
    },
    salts: {
      find: (id) => commitments.get(id),
      knows: () => false,
      add: ({ id }) => {
        const hash = bytesToHex(sha256(utf8(id)));
        commitments.set(id, hash);
        return hash;
      },
      flush: () => {},
    },
    states: {
      ofParents: states.ofParents,
      set(one, files) {
        filesAfter.set(one.id, files);
        states.set(one, files);
      },
    },
  });
  const records: PreparedRecord[] = [];
  try {
    for await (const one of readHistory(repository.path, "main")) {
      for (const plan of await planner.plan([one])) records.push(...plan.records);
    }
  } finally {
    await hasher.close();
  }
  return { filesAfter, records };
}

/** What the contract would refuse. */
function assertAcceptable(records: readonly PreparedRecord[]): void {
  const datasets = new Map<Hex, Hex>();
  const heads = new Map<Hex, Hex>();
  for (const { record, parents, recordHash, start } of records) {
    assert.equal(record.previousHash, heads.get(record.dataId) ?? ZERO_HASH);
    assert.equal(start !== null, record.previousHash === ZERO_HASH);
    assert.equal(record.parentsHash, parentsHash(parents));
    for (const parent of parents) {
      const dataset = datasets.get(parent);
      assert.ok(dataset, "a parent comes before its child");
      if (decodeOperation(record.operation) === "REVOKE") assert.equal(dataset, record.dataId);
    }
    assert.ok(!datasets.has(recordHash), "no record comes twice");
    datasets.set(recordHash, record.dataId);
    heads.set(record.dataId, recordHash);
  }
}

describe("createPlanner", { timeout: 60_000 }, () => {
  it("knows the files of every commit of any history, and plans only what the contract accepts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomCommit, { minLength: 2, maxLength: 14 }), async (commits) => {
        using repository = createRepository();
        repository.fastImport(Buffer.concat(toHistory(commits).map(commit)));
        const { filesAfter, records } = await planHistory(repository);
        const byHash = new Map(records.map((one) => [one.recordHash, one.record]));
        for (const [id, files] of filesAfter) {
          const expected = filesOf(repository, id);
          for (const name of names) {
            const state = files.get(name);
            const seen = state?.present ? `${state.mode} ${state.object}` : undefined;
            assert.equal(seen, expected.get(name), `${name} in ${id}`);
            if (state?.present) assert.equal(byHash.get(state.recordHash)?.dataHash, state.dataHash);
          }
        }
        assertAcceptable(records);
      }),
      { numRuns: 25 },
    );
  });

  it("imports a clone whose history was cut off, and knows that it was", async () => {
    using repository = createRepository();
    const specs: CommitSpec[] = [1, 2, 3].map((mark) => ({
      mark,
      ...(mark === 1 ? {} : { from: mark - 1 }),
      changes: [file("a", content(mark))],
    }));
    repository.fastImport(Buffer.concat(specs.map(commit)));
    const clone = `${repository.path}-shallow`;
    repository.git(["clone", "--quiet", "--depth=2", `file://${repository.path}`, clone]);
    const { records } = await planHistory({ ...repository, path: clone });
    assert.deepEqual(
      records.map(({ record }) => decodeOperation(record.operation)),
      ["CREATE", "TRANSFORM"],
    );
  });
});
