import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { importGit } from "../../importers/git/importGit.ts";
import { namespaceId } from "../../protocol/dataset.ts";
import { commit, createRepository, file, type TestRepository } from "./gitRepository.ts";
import { createImportWorld, type ImportWorld } from "./importWorld.ts";

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url));

/** A program that imports and prints the number of records added as it goes; Ctrl-C stops it as it stops the command line. */
function importSource(
  world: ImportWorld,
  { path, dataDir, namespace }: { path: string; dataDir: string; namespace: string },
): string {
  const { registry, anchor } = world.deployment;
  return `
    import { privateKeyToAccount } from "viem/accounts";
    import { createStemmaClient } from ${url("../../client/index.ts")};
    import { importGit } from ${url("../../importers/git/importGit.ts")};
    const client = createStemmaClient({
      rpcUrl: ${JSON.stringify(world.chain.rpcUrl)},
      addresses: ${JSON.stringify({ registry, anchor })},
      account: privateKeyToAccount(${JSON.stringify(world.chain.accounts[0]?.privateKey)}),
      pollingIntervalMs: 20,
    });
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort());
    const { interrupted } = await importGit(
      { path: ${JSON.stringify(path)}, client, dataDir: ${JSON.stringify(dataDir)} },
      {
        namespace: ${JSON.stringify(namespace)},
        recordsPerRound: 40,
        signal: stop.signal,
        reporter: {
          start() {}, notice() {}, stop() {},
          progress: ({ recordsAdded }) => console.log(recordsAdded),
        },
      },
    );
    process.exitCode = interrupted ? 7 : 0;`;
}

/** A repository with `total` commits of one file each, in turn. */
function createLongHistory(total: number): TestRepository {
  const repository = createRepository();
  repository.fastImport(
    Buffer.concat(
      Array.from({ length: total }, (_, index) =>
        commit({
          mark: index + 1,
          ...(index === 0 ? {} : { from: index }),
          changes: [file(`f${index % 5}`, `content ${index}`)],
        }),
      ),
    ),
  );
  return repository;
}

describe("an import that is killed", { timeout: 60_000 }, () => {
  let world: ImportWorld;
  before(async () => {
    // Transactions wait for their block, so that some are on their way when the importer dies.
    world = await createImportWorld({ blockIntervalMs: 150 });
  });
  after(() => world.stop());

  it("goes on where the chain is, with and without the records that were on their way", async () => {
    const total = 900;
    using repository = createLongHistory(total);
    const namespace = "test:killed";
    const dataDir = world.folder();
    const source = importSource(world, { path: repository.path, dataDir, namespace });
    for (const threshold of [1, 200]) {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      for await (const text of child.stdout.setEncoding("utf8")) {
        const last = Number(String(text).trim().split("\n").at(-1));
        if (last >= threshold) child.kill("SIGKILL");
      }
      if (child.signalCode === null) await once(child, "exit");
      assert.equal(child.signalCode, "SIGKILL", "the import was killed before its end");
    }
    const parameters = { path: repository.path, client: world.client(), dataDir };
    const last = await importGit(parameters, { namespace });
    assert.ok(last.recordsPresent > 200 && last.recordsAdded > 0, `${last.recordsPresent} were there`);
    const records = await world.records(namespaceId(namespace));
    assert.deepEqual(
      records.map(({ dataHash }) => dataHash),
      Array.from(
        { length: total },
        (_, index) => `0x${createHash("sha256").update(`content ${index}`).digest("hex")}`,
      ),
    );
    assert.equal((await importGit(parameters, { namespace })).recordsAdded, 0);
  });

  it("stops in order at Ctrl-C, which reaches every process of the group", async () => {
    using repository = createLongHistory(3_000);
    const namespace = "test:interrupted-by-key";
    const dataDir = world.folder();
    const source = importSource(world, { path: repository.path, dataDir, namespace });
    const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    let isSent = false;
    for await (const text of child.stdout.setEncoding("utf8")) {
      const last = Number(String(text).trim().split("\n").at(-1));
      if (last > 0 && !isSent && child.pid !== undefined) {
        isSent = true;
        process.kill(-child.pid, "SIGINT");
      }
    }
    if (child.exitCode === null) await once(child, "exit");
    assert.equal(child.exitCode, 7, "it ended by itself and said that it was interrupted");
    const { recordsPresent, recordsAdded } = await importGit(
      { path: repository.path, client: world.client(), dataDir },
      { namespace },
    );
    assert.ok(recordsPresent > 0);
    assert.equal(recordsPresent + recordsAdded, 3_000);
  });
});
