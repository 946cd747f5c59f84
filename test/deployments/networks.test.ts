import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { stemmaNetworks } from "../../tasks/networks.ts";

describe("networks of the configuration", () => {
  it("follows LOCALHOST_RPC_URL and offers the networks of clusters, passing over a broken file", (t) => {
    const root = mkdtempSync(join(tmpdir(), "stemma-networks-"));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    t.mock.method(console, "warn", () => {});
    const folder = join(root, ".stemma", "networks");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "a.json"),
      JSON.stringify({ name: "qbft", rpcUrl: "http://127.0.0.1:9000", chainId: 7 }),
    );
    writeFileSync(join(folder, "b.json"), "{");
    writeFileSync(
      join(folder, "c.json"),
      JSON.stringify({ name: "../x", rpcUrl: "http://127.0.0.1:1", chainId: 7 }),
    );
    const networks = stemmaNetworks({ LOCALHOST_RPC_URL: "http://127.0.0.1:1234" }, { root });
    assert.deepEqual(Object.keys(networks).sort(), ["localhost", "qbft", "remote"]);
    assert.equal(networks.localhost?.url, "http://127.0.0.1:1234");
    assert.equal(networks.qbft?.chainId, 7);
  });
});
