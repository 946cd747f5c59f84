import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { recordHash } from "../../../protocol/record.ts";
import { deployRegistry, digest } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(family);

/** raw (2 records) and lookup -> joined (2 records, the first with both parents). */
async function family() {
  const fixture = await deployRegistry(ethers);
  const raw1 = await fixture.startDataset("raw.csv");
  const raw2 = await fixture.append(raw1.id);
  const lookup = await fixture.startDataset("lookup.csv");
  const parents = [raw2.hash, lookup.hash].sort();
  const joined1 = await fixture.startDataset("joined.csv", { operation: "DERIVE", parents });
  const joined2 = await fixture.append(joined1.id);
  return { ...fixture, raw1, raw2, lookup, joined1, joined2, parents };
}

describe("ProvenanceRegistry: verification", () => {
  it("F15: tells an accepted record from one that never was", async () => {
    const { registry, raw1, nextRecord, domain } = await setUp();
    expect(await registry.verifyRecord(raw1.record)).to.equal(true);
    const never = await nextRecord(raw1.id);
    expect(await registry.verifyRecord(never)).to.equal(false);
    expect(await registry.hashRecord(never)).to.equal(recordHash(domain, never));
  });

  it("F15: follows a line of records from the youngest to an origin", async () => {
    const { registry, raw1, raw2, lookup, joined1, joined2, parents } = await setUp();
    const viaRaw = [joined2.record, joined1.record, raw2.record, raw1.record];
    expect(await registry.verifyLineage(viaRaw, [[], parents, [], []])).to.equal(true);
    const viaLookup = [joined2.record, joined1.record, lookup.record];
    expect(await registry.verifyLineage(viaLookup, [[], parents, []])).to.equal(true);
    expect(await registry.verifyLineage([raw1.record], [[]])).to.equal(true);
  });

  it("F15: refuses a line with a gap, a detour, a wrong order or a forged step", async () => {
    const { registry, raw1, raw2, lookup, joined1, joined2, parents } = await setUp();
    const refusals = {
      "skips a record": [
        [joined2.record, raw2.record, raw1.record],
        [[], [], []],
      ],
      "ends before the origin": [
        [joined2.record, joined1.record],
        [[], parents],
      ],
      "ends at a record with parents": [[joined1.record], [parents]],
      "hides the parents": [[joined1.record], [[]]],
      "jumps to a stranger": [
        [raw2.record, lookup.record],
        [[], []],
      ],
      "runs backwards": [
        [raw1.record, raw2.record],
        [[], []],
      ],
      "names other parents": [
        [joined1.record, raw1.record],
        [[raw1.hash], []],
      ],
      "forges the first record": [
        [{ ...raw2.record, dataHash: digest("forged") }, raw1.record],
        [[], []],
      ],
      "forges the last record": [[{ ...raw1.record, dataHash: digest("forged") }], [[]]],
      "is empty": [[], []],
      "lacks the parents of a step": [[raw2.record, raw1.record], [[]]],
      "has parents for a step that isn't there": [[raw1.record], [[], []]],
    };
    for (const [what, [path, given]] of Object.entries(refusals)) {
      expect(await registry.verifyLineage(path, given), what).to.equal(false);
    }
  });
});
