import { readdir, readFile } from "node:fs/promises";
import { expect } from "chai";
import { describe, it } from "mocha";

const artifacts = new URL("../../artifacts/", import.meta.url);
/** Code size that EIP-170 allows. */
const MAX_CODE_BYTES = 24_576;

type Artifact = {
  readonly contractName: string;
  readonly deployedBytecode: string;
  readonly buildInfoId: string;
};
type BuildOutput = {
  readonly output: { readonly errors?: readonly { readonly formattedMessage: string }[] };
};

async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(new URL(path, artifacts), "utf8")) as Value;
}

/** What `hardhat build` made of the files in `contracts/`. */
async function ownArtifacts(): Promise<Artifact[]> {
  const files = await readdir(new URL("contracts/", artifacts), { recursive: true });
  return Promise.all(
    files
      .filter((file) => file.endsWith(".json"))
      .map((file) => readJson<Artifact>(`contracts/${file.replaceAll("\\", "/")}`)),
  );
}

describe("Compiler", () => {
  it("F25: warns of nothing", async () => {
    const builds = [...new Set((await ownArtifacts()).map(({ buildInfoId }) => buildInfoId))];
    expect(builds).not.to.have.length(0);
    for (const build of builds) {
      const { output } = await readJson<BuildOutput>(`build-info/${build}.output.json`);
      expect((output.errors ?? []).map(({ formattedMessage }) => formattedMessage)).to.deep.equal([]);
    }
  });

  it("keeps every contract under the size that chains accept", async () => {
    const own = await ownArtifacts();
    expect(own.map(({ contractName }) => contractName)).to.include.members([
      "ProvenanceRegistry",
      "CheckpointAnchor",
    ]);
    for (const { contractName, deployedBytecode } of own) {
      expect((deployedBytecode.length - 2) / 2, contractName).to.be.at.most(MAX_CODE_BYTES);
    }
  });
});
