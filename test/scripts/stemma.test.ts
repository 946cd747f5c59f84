import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { RunningIndexer } from "../../indexer/main.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { settled, startWorld, type World, withSql } from "../helpers/indexer.ts";
import { type CliResult, stemma } from "./cli.ts";

describe("the command line", () => {
  let world: World;
  let indexer: RunningIndexer;
  let databaseUrl: string;
  let env: Record<string, string>;
  let recordHash: Hex;
  let childHash: Hex;
  const path = (name: string) => join(world.directory, name);

  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
    indexer = await world.start(databaseUrl);
    env = {
      STEMMA_RPC_URL: world.chain.rpcUrl,
      STEMMA_DEPLOYMENTS_DIR: world.directory,
      STEMMA_URL: indexer.url,
      STEMMA_KEY: world.chain.accounts[0]?.privateKey ?? "",
    };
    writeFileSync(path("orders.csv"), "id,total\n1,10\n");
    const first = await run([
      "record",
      "--namespace",
      "cli",
      "--name",
      "orders.csv",
      "--file",
      path("orders.csv"),
      "--register",
      "--json",
    ]);
    assert.equal(first.code, 0, first.err);
    recordHash = JSON.parse(first.out).recordHash;
    const second = await run([
      ...["record", "--namespace", "cli", "--name", "report", "--file", path("orders.csv")],
      ...["--operation", "DERIVE", "--parent", recordHash, "--json"],
    ]);
    assert.equal(second.code, 0, second.err);
    childHash = JSON.parse(second.out).recordHash;
    await settled(databaseUrl, world.deployment);
    const proof = await run(["proof", childHash, "-o", path("proof.json")]);
    assert.equal(proof.code, 0, proof.err);
  });
  after(async () => {
    await indexer?.stop();
    await world?.stop();
  });

  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
    stemma(args, { ...env, ...more });
  const readProof = () => JSON.parse(readFileSync(path("proof.json"), "utf8"));
  function writeProof(name: string, proof: object): string {
    writeFileSync(path(name), JSON.stringify(proof));
    return path(name);
  }

  it("records a file and says what it did", async () => {
    const { code, out } = await run([
      "record",
      "--namespace",
      "cli",
      "--name",
      "orders.csv",
      "--file",
      path("orders.csv"),
    ]);
    assert.equal(code, 0);
    assert.match(out, /^Recorded in cli \/ orders\.csv$/m);
    assert.match(out, /^ {2}record {7}0x[0-9a-f]{64}$/m);
  });

  it("draws lineage as a tree, and as JSON", async () => {
    const tree = await run(["lineage", childHash]);
    assert.equal(tree.code, 0, tree.err);
    const lines = tree.out.trimEnd().split("\n");
    assert.match(lines[0] ?? "", /^report #1 DERIVE/);
    assert.match(lines[1] ?? "", /^└─ orders\.csv #1 CREATE/);
    const byName = await run(["lineage", "report", "--namespace", "cli", "--direction", "both", "--json"]);
    const answers = JSON.parse(byName.out);
    assert.deepEqual(
      answers.map(({ direction }: { direction: string }) => direction),
      ["UPSTREAM", "DOWNSTREAM"],
    );
  });

  it("shows a record with the times of its states", async () => {
    const { code, out } = await run(["show", childHash]);
    assert.equal(code, 0);
    assert.match(out, /^dataset +cli \/ report$/m);
    assert.match(out, /^finalAt +\d{4}-/m);
    assert.equal(JSON.parse((await run(["show", childHash, "--json"])).out).state, "FINAL");
  });

  it("verifies a proof offline against the log's key, and the data file with it", async () => {
    const { code, out } = await run([
      "verify",
      path("proof.json"),
      "--key",
      indexer.logKey,
      "--network",
      "localhost",
      "--data",
      path("orders.csv"),
    ]);
    assert.equal(code, 0, out);
    assert.match(out, /^PROVED$/m);
    assert.match(out, /^yes {2}data /m);
  });

  it("verifies a proof offline against a checkpoint, and against a root with its size", async () => {
    const proof = readProof();
    writeFileSync(path("checkpoint"), proof.checkpoint);
    assert.equal((await run(["verify", path("proof.json"), "--checkpoint", path("checkpoint")])).code, 0);
    const root = ["--root", proof.anchor.root, "--size", proof.anchor.size];
    assert.equal((await run(["verify", path("proof.json"), ...root])).code, 0);
    const wrong = ["--root", recordHash, "--size", proof.anchor.size];
    const refused = await run(["verify", path("proof.json"), ...wrong]);
    assert.equal(refused.code, 1);
    assert.match(refused.out, /^REFUSED at: checkpoint$/m);
  });

  it("verifies a proof down to the chain, by deployment or by addresses, without the indexer", async () => {
    const none = { STEMMA_URL: "http://127.0.0.1:1" };
    const byNetwork = await run(["verify", path("proof.json"), "--rpc", world.chain.rpcUrl, "--json"], none);
    assert.equal(byNetwork.code, 0, byNetwork.out + byNetwork.err);
    assert.equal(JSON.parse(byNetwork.out).steps.length, 11);
    const { anchor, registry } = world.deployment;
    const addresses = ["--anchor", anchor, "--registry", registry, "--finality", "depth:0"];
    const byHand = await stemma(["verify", path("proof.json"), "--rpc", world.chain.rpcUrl, ...addresses]);
    assert.equal(byHand.code, 0, byHand.out + byHand.err);
  });

  it("refuses a proof with one byte changed, and names the step", async () => {
    const proof = readProof();
    const flip = (hex: string) => hex.slice(0, -1) + (hex.endsWith("0") ? "1" : "0");
    const changed = writeProof("changed.json", {
      ...proof,
      record: { ...proof.record, dataHash: flip(proof.record.dataHash) },
    });
    const { code, out } = await run(["verify", changed, "--rpc", world.chain.rpcUrl]);
    assert.equal(code, 1);
    assert.match(out, /^NO {3}record /m);
    assert.match(out, /^REFUSED at: record/m);
    writeFileSync(path("other.csv"), "tampered");
    const data = await run([
      "verify",
      path("proof.json"),
      "--key",
      indexer.logKey,
      "--data",
      path("other.csv"),
    ]);
    assert.equal(data.code, 1);
    assert.match(data.out, /^REFUSED at: data$/m);
    writeFileSync(path("cut.json"), JSON.stringify(proof).slice(0, -20));
    assert.equal((await run(["verify", path("cut.json"), "--key", indexer.logKey])).code, 1);
  });

  it("imports a git repository, and nothing the second time", async () => {
    const repository = path("repository");
    mkdirSync(repository);
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", repository, "-c", "user.name=A", "-c", "user.email=a@example.com", ...args]);
    git("init", "-q");
    writeFileSync(join(repository, "a.txt"), "one");
    git("add", ".");
    git("commit", "-qm", "first");
    const args = ["import", "git", repository, "--data-dir", path("salts"), "--json"];
    const first = await run(args);
    assert.equal(first.code, 0, first.err);
    assert.equal(JSON.parse(first.out).recordsAdded, 1);
    assert.equal(JSON.parse((await run(args)).out).recordsAdded, 0);
  });

  it("finds no difference in a healthy database, and exits with 1 where there is one", async () => {
    await settled(databaseUrl, world.deployment);
    const healthy = await run(["fsck", "--database", databaseUrl]);
    assert.equal(healthy.code, 0, healthy.out + healthy.err);
    assert.match(healthy.out, /^No difference up to block \d+, log size \d+$/m);
    await withSql(
      databaseUrl,
      async (sql) => void (await sql.unsafe("UPDATE dataset SET name = name || '!'")),
    );
    const flawed = await run(["fsck", "--database", databaseUrl, "--limit", "1"]);
    assert.equal(flawed.code, 1);
    assert.match(flawed.out, /^changed {2}dataset /m);
    assert.match(flawed.out, /^… and \d+ more/m);
    await withSql(
      databaseUrl,
      async (sql) => void (await sql.unsafe("UPDATE dataset SET name = rtrim(name, '!')")),
    );
  });

  it("finds all well, and what is wrong", async () => {
    const well = await run(["doctor", "--database", databaseUrl]);
    assert.equal(well.code, 0, well.out);
    assert.match(well.out, /^All is well$/m);
    const args = [
      "doctor",
      "--database",
      "postgres://127.0.0.1:1/x",
      "--api",
      "http://127.0.0.1:1",
      "--json",
    ];
    const bad = await run([...args, "--network", "nowhere", "--rpc", world.chain.rpcUrl]);
    assert.equal(bad.code, 1);
    const { findings } = JSON.parse(bad.out) as {
      findings: { level: string; about: string; advice?: string }[];
    };
    const wrong = findings.filter(({ level }) => level === "wrong");
    assert.deepEqual(
      wrong.map(({ about }) => about),
      ["deployment", "database", "indexer"],
    );
    assert.ok(wrong.every(({ advice }) => advice));
  });

  it("makes keys, and stores none", async () => {
    assert.match((await stemma(["keygen"])).out, /^STEMMA_KEY=0x[0-9a-f]{64}\naddress=0x[0-9a-f]{40}\n$/);
    assert.match((await stemma(["keygen", "--origin", "example.com/log"])).out, /^vkey=example\.com\/log\+/m);
  });

  const wrongUses: readonly (readonly [
    string,
    readonly string[],
    Readonly<Record<string, string>>,
    number,
    RegExp,
  ])[] = [
    ["an unknown command", ["nonsense"], {}, 2, /STM-320/],
    ["no command", [], {}, 2, /Usage: stemma/],
    ["an unknown flag", ["verify", "x", "--nonsense"], {}, 2, /unknown option/i],
    ["a missing argument", ["show"], {}, 2, /missing required argument/i],
    ["a missing flag", ["record", "--name", "x"], {}, 2, /--namespace/],
    ["a hash of the wrong length", ["show", "0x12"], {}, 2, /64 hexadecimal digits/],
    ["no file and no hash", ["record", "--namespace", "n", "--name", "x"], {}, 2, /--file or --hash/],
    [
      "no key",
      ["record", "--namespace", "n", "--name", "x", "--hash", `0x${"11".repeat(32)}`],
      { STEMMA_KEY: "" },
      2,
      /STM-321/,
    ],
    [
      "a key that is none",
      ["record", "--namespace", "n", "--name", "x", "--hash", `0x${"11".repeat(32)}`],
      { STEMMA_KEY: "0xsecret" },
      2,
      /STM-322/,
    ],
    ["a file that isn't there", ["verify", "/nowhere/proof.json"], {}, 2, /STM-315/],
    ["a URL that is none", ["show", `0x${"11".repeat(32)}`, "--api", "nonsense"], {}, 2, /--api/],
    [
      "a network without a URL",
      ["fsck", "--database", "postgres://x/y", "--network", "nowhere"],
      { STEMMA_RPC_URL: "" },
      2,
      /nowhere/,
    ],
    ["no database to check", ["fsck", "--data-dir", "/nowhere"], {}, 2, /--database/],
    ["a record that isn't known", ["show", `0x${"11".repeat(32)}`], {}, 1, /STM-309/],
    [
      "an indexer that is down",
      ["show", `0x${"11".repeat(32)}`],
      { STEMMA_URL: "http://127.0.0.1:1" },
      3,
      /STM-306/,
    ],
    ["a database that is down", ["fsck", "--database", "postgres://127.0.0.1:1/x"], {}, 3, /./],
  ];
  for (const [what, args, more, code, message] of wrongUses) {
    it(`answers ${what} with exit code ${code} and what to do`, async () => {
      const result = await run(args, more);
      assert.equal(result.code, code, result.err);
      assert.match(result.err, message);
      assert.ok(!result.err.includes("secret"));
      assert.doesNotMatch(result.err, /^ {4}at /m);
    });
  }

  it("answers wrong trust with exit code 2, and a dead node with 3", async () => {
    const file = path("proof.json");
    assert.equal((await run(["verify", file])).code, 2);
    assert.equal((await run(["verify", file, "--key", "nonsense"])).code, 2);
    assert.equal((await run(["verify", file, "--root", recordHash])).code, 2);
    assert.equal((await run(["verify", file, "--rpc", world.chain.rpcUrl, "--finality", "soon"])).code, 2);
    assert.equal((await run(["verify", file, "--rpc", "http://127.0.0.1:1"])).code, 3);
  });
});
