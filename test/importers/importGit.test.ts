import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { importGit } from "../../importers/git/importGit.ts";
import { readHistory } from "../../importers/git/readHistory.ts";
import { opensCommitment } from "../../importers/git/salts.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { ZERO_HASH } from "../../protocol/bytes.ts";
import { namespaceId } from "../../protocol/dataset.ts";
import {
  type CommitSpec,
  commit,
  createRepository,
  file,
  remove,
  rename,
  submodule,
} from "./gitRepository.ts";
import { createImportWorld, type ImportWorld, type SeenRecord } from "./importWorld.ts";

const sha256 = (data: string | Buffer): Hex => `0x${createHash("sha256").update(data).digest("hex")}`;

describe("importGit", { timeout: 120_000 }, () => {
  let world: ImportWorld;
  let nextNamespace = 0;
  before(async () => {
    world = await createImportWorld();
  });
  after(() => world.stop());

  /** Imports a history into a namespace of its own and returns its records. */
  async function importHistory(commits: readonly CommitSpec[]) {
    using repository = createRepository();
    repository.fastImport(Buffer.concat(commits.map(commit)));
    const namespace = `test:${nextNamespace++}`;
    const dataDir = world.folder();
    const parameters = { path: repository.path, client: world.client(), dataDir };
    const summary = await importGit(parameters, { namespace });
    const records = await world.records(namespaceId(namespace));
    assert.equal(summary.recordsAdded, records.length);
    const again = await importGit(parameters, { namespace });
    assert.equal(again.recordsAdded, 0, "a second import adds nothing");
    assert.equal(again.recordsPresent, records.length);
    const bare = await importGit({ ...parameters, dataDir: world.folder() }, { namespace });
    assert.equal(bare.recordsAdded, 0, "nor does one without the salts");
    return { summary, records, dataDir, namespace };
  }

  function only(records: readonly SeenRecord[], name: string, operation: string): SeenRecord {
    const found = records.filter((record) => record.name === name && record.operation === operation);
    assert.equal(found.length, 1, `one ${operation} of ${name}`);
    const [record] = found;
    assert.ok(record);
    return record;
  }

  it("records creation, edits, deletion and a new beginning as one history", async () => {
    const { records, summary } = await importHistory([
      { mark: 1, changes: [file("a.txt", "one")] },
      { mark: 2, from: 1, changes: [file("a.txt", "two")] },
      { mark: 3, from: 2, changes: [remove("a.txt")] },
      { mark: 4, from: 3, changes: [] },
      { mark: 5, from: 4, changes: [file("a.txt", "three")] },
    ]);
    assert.deepEqual(
      records.map(({ operation, dataHash, timestamp }) => [operation, dataHash, timestamp]),
      [
        ["CREATE", sha256("one"), 1_700_000_001n],
        ["TRANSFORM", sha256("two"), 1_700_000_002n],
        ["REVOKE", sha256("two"), 1_700_000_003n],
        ["CREATE", sha256("three"), 1_700_000_005n],
      ],
    );
    let previous = ZERO_HASH;
    for (const record of records) {
      assert.equal(record.previousHash, previous);
      assert.deepEqual(record.parents, []);
      previous = record.recordHash;
    }
    assert.equal(summary.commits, 5);
    assert.equal(summary.emptyCommits, 1);
  });

  it("derives a renamed and a copied file from the record of the old one", async () => {
    const content = "a line that is long enough to be recognised\n".repeat(5);
    const { records } = await importHistory([
      { mark: 1, changes: [file("old.txt", content), file("source.txt", `${content}s`)] },
      { mark: 2, from: 1, changes: [rename("old.txt", "new.txt")] },
      {
        mark: 3,
        from: 2,
        changes: [file("source.txt", `${content}changed`), file("copy.txt", `${content}s`)],
      },
      { mark: 4, from: 3, changes: [file("old.txt", "someone else")] },
    ]);
    const old = records.find(({ name }) => name === "old.txt");
    const renamed = only(records, "new.txt", "DERIVE");
    assert.deepEqual(renamed.parents, [old?.recordHash]);
    assert.equal(renamed.previousHash, ZERO_HASH);
    assert.equal(renamed.dataHash, sha256(content));
    const copied = only(records, "copy.txt", "DERIVE");
    assert.deepEqual(copied.parents, [only(records, "source.txt", "CREATE").recordHash]);
    const reborn = records.filter(({ name }) => name === "old.txt").at(-1);
    assert.equal(reborn?.operation, "CREATE");
    assert.equal(reborn.previousHash, old?.recordHash);
  });

  it("follows files that change names with each other through a third", async () => {
    const text = (letter: string) => `${letter} is what this file has always held\n`.repeat(8);
    const { records } = await importHistory([
      { mark: 1, changes: [file("a", text("a")), file("b", text("b"))] },
      { mark: 2, from: 1, changes: [rename("b", "c"), rename("a", "b")] },
      { mark: 3, from: 2, changes: [file("b", "edited"), file("c", "edited too")] },
    ]);
    const edited = records.filter(({ dataHash }) => dataHash === sha256("edited"));
    assert.deepEqual(
      edited.map(({ operation }) => operation),
      ["TRANSFORM"],
    );
  });

  it("gives a file that a merge brings together the records of both sides as parents", async () => {
    const { records } = await importHistory([
      { mark: 1, changes: [file("both", "base"), file("theirs", "base"), file("gone", "base")] },
      { mark: 2, from: 1, changes: [file("both", "ours")] },
      { mark: 3, from: 1, changes: [file("both", "yours"), file("theirs", "yours"), remove("gone")] },
      {
        mark: 4,
        from: 2,
        merges: [3],
        changes: [file("both", "merged"), file("theirs", "yours"), remove("gone"), file("evil", "new")],
      },
      { mark: 5, from: 4, changes: [file("theirs", "later")] },
    ]);
    const byData = (data: string) =>
      records.find(({ name, dataHash }) => name === "both" && dataHash === sha256(data));
    const merged = byData("merged");
    assert.deepEqual(merged?.parents, [byData("ours")?.recordHash, byData("yours")?.recordHash].sort());
    assert.equal(merged.operation, "TRANSFORM");
    // What one side alone did was recorded there, and not a second time by the merge.
    assert.equal(records.filter(({ name }) => name === "theirs").length, 3);
    assert.equal(records.filter(({ name }) => name === "gone").length, 2);
    assert.equal(only(records, "evil", "CREATE").parents.length, 0);
    const later = records.filter(({ name }) => name === "theirs").at(-1);
    assert.deepEqual(later?.parents, []);
  });

  it("names git's parent where a parallel branch came in between", async () => {
    const { records } = await importHistory([
      { mark: 1, changes: [file("f", "base")] },
      { mark: 2, from: 1, changes: [file("f", "left")] },
      { mark: 3, from: 1, changes: [file("f", "right")] },
      { mark: 4, from: 2, merges: [3], changes: [file("f", "left")] },
    ]);
    assert.equal(records.length, 3);
    const base = only(records, "f", "CREATE");
    const [, first, second] = records;
    assert.deepEqual(first?.parents, []);
    assert.deepEqual(second?.parents, [base.recordHash]);
    assert.equal(second.previousHash, first?.recordHash);
  });

  it("takes any byte in a file name, binary files, links and submodules", async () => {
    const binary = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7) % 256));
    const submoduleCommit = "ab".repeat(20);
    const names: [path: Buffer, name: string][] = [
      [Buffer.from("plain name.txt"), "plain name.txt"],
      [Buffer.from("grüße/日本.txt"), "grüße/日本.txt"],
      [Buffer.from([0x66, 0xff, 0x2f, 0xc3]), "f%FF/%C3"],
      [Buffer.from('tab\tnewline\n"quote"\\'), 'tab%09newline%0A"quote"\\'],
      [Buffer.from("100%"), "100%25"],
      [Buffer.from("commit 0123"), "commit 0123"],
      [Buffer.from(":100644 x"), ":100644 x"],
      [Buffer.from("-rf"), "-rf"],
      [Buffer.from([0xc2, 0x85]), "%C2%85"],
      [Buffer.from([0x85]), "%85"],
      [Buffer.from([0xef, 0xbb, 0xbf, 0x61]), "%EF%BB%BFa"],
    ];
    const { records } = await importHistory([
      {
        mark: 1,
        changes: [
          ...names.map(([path], index) => file(path, `content ${index}`)),
          file("data.bin", binary),
          file("empty", ""),
          file("link", "some/target", "120000"),
          submodule("module", submoduleCommit),
        ],
      },
      { mark: 2, from: 1, changes: [submodule("module", "cd".repeat(20)), file("link", "now a file")] },
    ]);
    for (const [index, [, name]] of names.entries()) {
      assert.equal(only(records, name, "CREATE").dataHash, sha256(`content ${index}`));
    }
    assert.equal(only(records, "data.bin", "CREATE").dataHash, sha256(binary));
    assert.equal(only(records, "empty", "CREATE").dataHash, sha256(""));
    assert.equal(only(records, "link", "CREATE").dataHash, sha256("some/target"));
    assert.equal(only(records, "link", "TRANSFORM").dataHash, sha256("now a file"));
    assert.equal(only(records, "module", "CREATE").dataHash, sha256(submoduleCommit));
    assert.equal(only(records, "module", "TRANSFORM").dataHash, sha256("cd".repeat(20)));
  });

  it("publishes people and messages only as commitments that the salts open", async () => {
    using repository = createRepository();
    const author = "Grace Secret <grace@secret.example>";
    repository.fastImport(
      Buffer.concat([
        commit({
          mark: 1,
          author,
          message: "a private reason\n\nwith\n:000000 body",
          changes: [file("a", "1")],
        }),
        commit({ mark: 2, from: 1, author, message: "", changes: [file("a", "2"), file("b", "2")] }),
      ]),
    );
    const namespace = "test:people";
    const dataDir = world.folder();
    await importGit({ path: repository.path, client: world.client(), dataDir }, { namespace });
    const records = await world.records(namespaceId(namespace));
    const sidecar = join(dataDir, "git", `${namespaceId(namespace)}.jsonl`);
    assert.equal(statSync(sidecar).mode & 0o077, 0);
    const lines = readFileSync(sidecar, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(lines.length, 2);
    for await (const one of readHistory(repository.path, "main")) {
      const { salt, metadataHash } = lines.find((line) => line.commit === one.id);
      assert.ok(opensCommitment(salt, one, metadataHash));
      assert.ok(!opensCommitment(salt, { ...one, message: "another" }, metadataHash));
      assert.ok(records.some((record) => record.metadataHash === metadataHash));
    }
    const head = Number(await world.chain.client.getBlockNumber());
    const block = await world.chain.client.getBlock({ blockNumber: BigInt(head), includeTransactions: true });
    const published = block.transactions
      .map(({ input }) => Buffer.from(input.slice(2), "hex").toString("latin1"))
      .join();
    for (const secret of ["Grace", "grace@secret.example", "private reason"]) {
      assert.ok(!published.includes(secret));
    }
  });

  it("adds only what is new when the history has grown, even where a merge sorts it into the middle", async () => {
    using repository = createRepository();
    const namespace = "test:grown";
    const parameters = { path: repository.path, client: world.client(), dataDir: world.folder() };
    repository.fastImport(
      Buffer.concat([
        commit({ mark: 1, changes: [file("f", "base"), file("g", "base")] }),
        commit({ mark: 2, from: 1, changes: [file("f", "main")] }),
      ]),
    );
    assert.equal((await importGit(parameters, { namespace })).recordsAdded, 3);
    const tip = repository.git(["rev-parse", "main"]);
    const root = repository.git(["rev-parse", "main~1"]);
    const branch = commit({ mark: 3, time: 1_700_000_000, changes: [file("f", "side"), file("g", "side")] })
      .toString("latin1")
      .replace("refs/heads/main", "refs/heads/side")
      .replace("M 100644", `from ${root}\nM 100644`);
    const merge = commit({
      mark: 4,
      time: 1_700_000_010,
      changes: [file("f", "main and side"), file("g", "side")],
    })
      .toString("latin1")
      .replace("M 100644", `from ${tip}\nmerge :3\nM 100644`);
    repository.fastImport(Buffer.from(branch + merge, "latin1"));
    const grown = await importGit(parameters, { namespace });
    assert.equal(grown.recordsPresent, 3);
    assert.equal(grown.recordsAdded, 3);
    assert.equal((await importGit(parameters, { namespace })).recordsAdded, 0);
    const bare = await importGit({ ...parameters, dataDir: world.folder() }, { namespace });
    assert.equal(bare.recordsAdded, 0);
  });

  it("goes on after an interruption, and ends with what one import would have made", async () => {
    using repository = createRepository();
    const commits = Array.from({ length: 600 }, (_, index) =>
      commit({
        mark: index + 1,
        ...(index === 0 ? {} : { from: index }),
        changes: [file(`f${index % 7}`, `content ${index}`)],
      }),
    );
    repository.fastImport(Buffer.concat(commits));
    const namespace = "test:interrupted";
    const parameters = { path: repository.path, client: world.client(), dataDir: world.folder() };
    const stop = new AbortController();
    const first = await importGit(parameters, {
      namespace,
      recordsPerRound: 50,
      signal: stop.signal,
      reporter: {
        start: () => {},
        notice: () => {},
        stop: () => {},
        progress: ({ recordsAdded }) => {
          if (recordsAdded > 0) stop.abort();
        },
      },
    });
    assert.ok(first.interrupted);
    assert.ok(first.recordsAdded > 0 && first.recordsAdded < 600, String(first.recordsAdded));
    const second = await importGit(parameters, { namespace });
    assert.equal(second.recordsPresent, first.recordsAdded);
    assert.equal(second.recordsAdded, 600 - first.recordsAdded);
    const records = await world.records(namespaceId(namespace));
    assert.deepEqual(
      records.map(({ dataHash }) => dataHash),
      Array.from({ length: 600 }, (_, index) => sha256(`content ${index}`)),
    );
  });

  it("commits again to what a lost salt hid, and lets a cut off salt file pass", async () => {
    const { dataDir, namespace } = await importHistory([{ mark: 1, changes: [file("a", "1")] }]);
    const [name] = readdirSync(join(dataDir, "git"));
    assert.ok(name);
    const sidecar = join(dataDir, "git", name);
    const whole = readFileSync(sidecar, "utf8");
    using repository = createRepository();
    repository.fastImport(commit({ mark: 1, changes: [file("a", "1")] }));
    const parameters = { path: repository.path, client: world.client(), dataDir };
    writeFileSync(sidecar, `${whole}{"commit":"ab`);
    assert.equal((await importGit(parameters, { namespace })).recordsAdded, 0);
    assert.equal(readFileSync(sidecar, "utf8"), whole);
    // Destroyed on purpose: the record stays, and is found by what it says.
    writeFileSync(sidecar, "");
    assert.equal((await importGit(parameters, { namespace })).recordsAdded, 0);
    writeFileSync(sidecar, "{}\n");
    await assert.rejects(importGit(parameters, { namespace }), { name: "IMPORT_SIDECAR_INVALID" });
  });

  it("sets a time from the future to now, and takes the time before 1970 for its first second", async () => {
    const future = 4_000_000_000;
    const { records } = await importHistory([
      { mark: 1, time: 0, changes: [file("a", "1")] },
      { mark: 2, from: 1, time: future, changes: [file("a", "2")] },
    ]);
    assert.equal(records[0]?.timestamp, 1n);
    assert.ok((records[1]?.timestamp ?? 0n) <= BigInt(Math.floor(Date.now() / 1000)));
  });

  it("lets a writer of the namespace go on, and refuses anyone else", async () => {
    using repository = createRepository();
    repository.fastImport(commit({ mark: 1, changes: [file("a", "1")] }));
    const namespace = "test:writers";
    const owner = world.client(0);
    await importGit({ path: repository.path, client: owner, dataDir: world.folder() }, { namespace });
    const writer = world.client(2);
    const tip = repository.git(["rev-parse", "main"]);
    repository.fastImport(
      commit({ mark: 2, changes: [file("a", "2")] })
        .toString("latin1")
        .replace("M 100644", `from ${tip}\nM 100644`),
    );
    const parameters = { path: repository.path, client: writer, dataDir: world.folder() };
    await assert.rejects(importGit(parameters, { namespace }), { name: "IMPORT_NAMESPACE_FOREIGN" });
    const account = world.chain.accounts[2]?.address;
    assert.ok(account);
    await owner.setNamespaceWriter({ namespaceId: namespaceId(namespace), writer: account, allowed: true });
    const { recordsAdded, recordsPresent } = await importGit(parameters, { namespace });
    assert.deepEqual([recordsAdded, recordsPresent], [1, 1]);
  });

  it("names what is wrong with the repository", async () => {
    const dataDir = world.folder();
    const client = world.client();
    await assert.rejects(importGit({ path: dataDir, client, dataDir }), { name: "GIT_NOT_A_REPOSITORY" });
    using repository = createRepository();
    const empty = await importGit({ path: repository.path, client, dataDir });
    assert.deepEqual([empty.tip, empty.recordsAdded], [null, 0]);
    await assert.rejects(importGit({ path: repository.path, client, dataDir }, { revision: "no-such" }), {
      name: "GIT_REVISION_UNKNOWN",
    });
    repository.fastImport(commit({ mark: 1, changes: [file("a", "1")] }));
    const blob = repository.git(["rev-parse", "main:a"]);
    rmSync(join(repository.path, ".git", "objects", blob.slice(0, 2), blob.slice(2)));
    await assert.rejects(
      importGit({ path: repository.path, client, dataDir }, { namespace: "test:missing" }),
      {
        name: "GIT_OBJECT_MISSING",
      },
    );
  });

  it("imports a history of 10,000 commits in less than 60 seconds", async () => {
    using repository = createRepository();
    repository.fastImport(
      Buffer.concat(
        Array.from({ length: 10_000 }, (_, index) =>
          commit({
            mark: index + 1,
            ...(index === 0 ? {} : { from: index }),
            changes: [
              file(`src/${index % 40}.ts`, `${index}\n`.repeat(30)),
              file(`docs/${index % 17}.md`, `${index}`),
            ],
          }),
        ),
      ),
    );
    const summary = await importGit(
      { path: repository.path, client: world.client(), dataDir: world.folder() },
      { namespace: "test:speed" },
    );
    assert.equal(summary.recordsAdded, 20_000);
    assert.ok(summary.seconds < 60, `${summary.seconds} s`);
  });
});
