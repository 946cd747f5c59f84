import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { resolveEtcd } from "../../../cluster/engines/etcd.ts";
import { resolveGeth } from "../../../cluster/engines/geth.ts";
import { isStemmaError } from "../../../protocol/errors.ts";

describe("the programs that go.mod pins", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stemma-test-tools-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function program(name: string, exitCode: number): string {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\nexit ${exitCode}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it("come from their variable first", async () => {
    const own = program("own", 0);
    program("etcd", 0);
    const options = { env: { STEMMA_ETCD: own, PATH: folder }, cacheDir: folder };
    assert.equal(await resolveEtcd(options), own);
  });

  it("are refused where the variable names what doesn't run", async () => {
    const broken = program("broken", 1);
    await assert.rejects(resolveEtcd({ env: { STEMMA_ETCD: broken }, cacheDir: folder }), (error) =>
      isStemmaError(error, "ETCD_PROGRAM_MISSING"),
    );
    await assert.rejects(resolveGeth({ env: { STEMMA_GETH: broken }, cacheDir: folder }), (error) =>
      isStemmaError(error, "GETH_UNAVAILABLE"),
    );
  });

  it("come from PATH before the cache, and pass over what doesn't run", async () => {
    const first = mkdtempSync(join(folder, "path-"));
    writeFileSync(join(first, "geth"), "no program");
    const found = program("geth", 0);
    const env = { PATH: `${first}:${folder}` };
    assert.equal(await resolveGeth({ env, cacheDir: first }), found);
  });

  it("come from the cache under their pinned version", async () => {
    const goMod = readFileSync("cluster/engines/go.mod", "utf8");
    const version = /go\.etcd\.io\/etcd\/server\/v3 v([\d.]+)/.exec(goMod)?.[1];
    const cached = program(`etcd-${version}`, 0);
    assert.equal(await resolveEtcd({ env: {}, cacheDir: folder }), cached);
    const gethVersion = /ethereum\/go-ethereum v([\d.]+)/.exec(goMod)?.[1];
    const geth = program(`geth-${gethVersion}`, 0);
    assert.equal(await resolveGeth({ env: {}, cacheDir: folder }), geth);
  });
});
