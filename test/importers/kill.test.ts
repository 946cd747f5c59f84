import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { importGit } from "../../importers/git/importGit.ts";
import { namespaceId } from "../../protocol/dataset.ts";
import { commit, createRepository, file } from "./gitRepository.ts";
import { createImportWorld, type ImportWorld } from "./importWorld.ts";

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url));

describe("an import that is killed", { timeout: 60_000 }, () => {
  let world: ImportWorld;
  before(async () => {
    // Transactions wait for their block, so that some are on their way when the importer dies.
    world = await createImportWorld({ blockIntervalMs: 150 });
  });
  after(() => world.stop());

  it("goes on where the chain is, with and without the records that were on their way", async () => {
    using repository = createRepository();
    const total = 900;
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
    const namespace = "test:killed";
    const dataDir = world.folder();
    const key = world.chain.accounts[0]?.privateKey;
    const { registry, anchor } = world.deployment;
    const source = `
      import { privateKeyToAccount } from "viem/accounts";
      import { createStemmaClient } from ${url("../../client/index.ts")};
      import { importGit } from ${url("../../importers/git/importGit.ts")};
      const client = createStemmaClient({
        rpcUrl: ${JSON.stringify(world.chain.rpcUrl)},
        addresses: ${JSON.stringify({ registry, anchor })},
        account: privateKeyToAccount(${JSON.stringify(key)}),
        pollingIntervalMs: 20,
      });
      await importGit(
        { path: ${JSON.stringify(repository.path)}, client, dataDir: ${JSON.stringify(dataDir)} },
        {
          namespace: ${JSON.stringify(namespace)},
          recordsPerRound: 40,
          reporter: {
            start() {}, notice() {}, stop() {},
            progress: ({ recordsAdded }) => console.log(recordsAdded),
          },
        },
      );`;
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
});
