import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readDeployment } from "../../deployments/index.ts";

const hash = `0x${"ab".repeat(32)}`;
const address = `0x${"Cd".repeat(20)}`;
const chainJson = {
  format: "stemma-deployment/1",
  network: "net",
  chainId: 5,
  genesisHash: hash,
  startBlock: 3,
  deployer: address,
  log: { origin: "example.org/log", logId: hash, operator: address },
};
const contractJson = (contract: string) => ({
  format: "stemma-contract/1",
  contract,
  address,
  abi: [{ type: "constructor", inputs: [] }],
  transactionHash: hash,
  blockNumber: 3,
  constructorArgs: [address],
  compiler: { version: "0.8.37", settings: {} },
  codeHash: hash,
  creationCodeHash: hash,
});

describe("readDeployment", () => {
  let directory: string;
  const write = (name: string, value: unknown) =>
    writeFileSync(join(directory, "net", name), typeof value === "string" ? value : JSON.stringify(value));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "stemma-read-"));
    mkdirSync(join(directory, "net"));
    write("chain.json", chainJson);
    for (const name of ["AccessManager", "ProvenanceRegistry", "CheckpointAnchor"]) {
      write(`${name}.json`, contractJson(name));
    }
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("returns quantities as bigint and addresses in lower case", () => {
    const deployment = readDeployment("net", { directory });
    assert.equal(deployment.chainId, 5n);
    assert.equal(deployment.startBlock, 3n);
    assert.equal(deployment.contracts.ProvenanceRegistry.address, address.toLowerCase());
    assert.equal(deployment.contracts.CheckpointAnchor.blockNumber, 3n);
  });

  it("says what is missing: network, unfinished deployment, a name that is a path", () => {
    assert.throws(() => readDeployment("other", { directory }), { name: "DEPLOYMENT_MISSING" });
    assert.throws(() => readDeployment("../net", { directory: join(directory, "net") }), {
      name: "DEPLOYMENT_MISSING",
    });
    rmSync(join(directory, "net", "chain.json"));
    assert.throws(() => readDeployment("net", { directory }), { name: "DEPLOYMENT_MISSING" });
  });

  const broken: [what: string, file: string, value: unknown][] = [
    ["cut off JSON", "chain.json", '{"format":'],
    ["an unknown format", "chain.json", { ...chainJson, format: "stemma-deployment/2" }],
    ["an unknown key", "chain.json", { ...chainJson, extra: 1 }],
    ["a negative block", "chain.json", { ...chainJson, startBlock: -1 }],
    ["another network", "chain.json", { ...chainJson, network: "else" }],
    ["a short hash", "chain.json", { ...chainJson, genesisHash: "0xab" }],
    ["another contract", "CheckpointAnchor.json", contractJson("AccessManager")],
    ["a bad address", "ProvenanceRegistry.json", { ...contractJson("ProvenanceRegistry"), address: hash }],
    ["no object", "AccessManager.json", []],
  ];
  for (const [what, file, value] of broken) {
    it(`refuses ${what}`, () => {
      write(file, value);
      assert.throws(() => readDeployment("net", { directory }), { name: "DEPLOYMENT_INVALID" });
    });
  }

  it("refuses a folder in which a contract is missing", () => {
    rmSync(join(directory, "net", "CheckpointAnchor.json"));
    assert.throws(() => readDeployment("net", { directory }), { name: "DEPLOYMENT_INVALID" });
  });
});
