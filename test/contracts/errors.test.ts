import { readdir, readFile } from "node:fs/promises";
import { expect } from "chai";
import { describe, it } from "mocha";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";

const folder = new URL("./", import.meta.url);

describe("Custom errors", () => {
  it("F25: every error that the contracts define is asserted in some test", async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".test.ts"));
    const tests = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
    const own = [...provenanceRegistryAbi, ...checkpointAnchorAbi]
      .filter(({ type }) => type === "error")
      .map((entry) => ("name" in entry ? entry.name : ""))
      .filter((name) => /^(Provenance|Anchor)/.test(name));
    expect(own.length).to.be.greaterThan(40);
    const untested = own.filter((name) => !tests.some((text) => text.includes(`"${name}"`)));
    expect(untested).to.deep.equal([]);
  });
});
