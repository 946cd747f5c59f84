import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { recordHash } from "../../../protocol/record.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { deployRegistry } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const fixture = () => deployRegistry(ethers);
const setUp = () => networkHelpers.loadFixture(fixture);
const Status = { active: 1, corrected: 2, revoked: 3, erased: 4 };

describe("ProvenanceRegistry: superseding", () => {
  for (const [operation, status] of [
    ["CORRECT", Status.corrected],
    ["REVOKE", Status.revoked],
    ["ERASE", Status.erased],
  ] as const) {
    it(`F21: ${operation} supersedes the previous record, and both stay in the history`, async () => {
      const { registry, owner, domain, startDataset, nextRecord } = await setUp();
      const first = await startDataset("a.csv");
      const record = await nextRecord(first.id, { operation });
      const hash = recordHash(domain, record);
      await expect(registry.connect(owner).recordProvenance(record, []))
        .to.emit(registry, "RecordSuperseded")
        .withArgs(first.hash, hash, status);
      expect((await registry.recordInfo(first.hash)).status).to.equal(status);
      expect((await registry.recordInfo(hash)).status).to.equal(Status.active);
      expect(await registry.verifyRecord(first.record)).to.equal(true);
      expect(await registry.verifyLineage([record, first.record], [[], []])).to.equal(true);
      expect(await registry.lineageLength(first.id)).to.equal(2);
    });
  }

  it("F21: supersedes the parents, not the previous record, where parents are given", async () => {
    const { registry, startDataset, append } = await setUp();
    const first = await startDataset("a.csv");
    const second = await append(first.id);
    const third = await append(first.id);
    await append(first.id, { operation: "ERASE", parents: [first.hash, second.hash] });
    expect((await registry.recordInfo(first.hash)).status).to.equal(Status.erased);
    expect((await registry.recordInfo(second.hash)).status).to.equal(Status.erased);
    expect((await registry.recordInfo(third.hash)).status).to.equal(Status.active);
  });

  it("keeps what storage says of the superseded record apart from its status", async () => {
    const { registry, startDataset, append } = await setUp();
    const first = await startDataset("a.csv");
    const before = await registry.recordInfo(first.hash);
    await append(first.id, { operation: "REVOKE" });
    const after = await registry.recordInfo(first.hash);
    expect([after.blockNumber, after.sequence]).to.deep.equal([before.blockNumber, before.sequence]);
  });

  it("F21: never lowers a status: what was erased stays erased", async () => {
    const { registry, owner, domain, startDataset, append, nextRecord } = await setUp();
    const first = await startDataset("a.csv");
    await append(first.id, { operation: "ERASE" });
    const record = await nextRecord(first.id, { operation: "CORRECT", parents: [first.hash] });
    await expect(registry.connect(owner).recordProvenance(record, [first.hash]))
      .to.emit(registry, "RecordSuperseded")
      .withArgs(first.hash, recordHash(domain, record), Status.erased);
    expect((await registry.recordInfo(first.hash)).status).to.equal(Status.erased);
  });

  it("raises a status from corrected to revoked to erased", async () => {
    const { registry, startDataset, append } = await setUp();
    const first = await startDataset("a.csv");
    const parents = [first.hash];
    for (const [operation, status] of [
      ["CORRECT", Status.corrected],
      ["REVOKE", Status.revoked],
      ["ERASE", Status.erased],
    ] as const) {
      await append(first.id, { operation, parents });
      expect((await registry.recordInfo(first.hash)).status).to.equal(status);
    }
  });

  it("refuses to supersede where there is nothing before", async () => {
    const { registry, owner, startSubmission } = await setUp();
    const submission = await startSubmission("a.csv", { operation: "REVOKE" });
    await refused(
      registry.connect(owner).submit(submission),
      registry,
      "ProvenanceSupersedeTargetMissing",
      submission.record.operation,
    );
  });

  it("refuses to supersede a record of another dataset", async () => {
    const { registry, owner, startDataset, nextRecord } = await setUp();
    const foreign = await startDataset("foreign.csv");
    const { id } = await startDataset("a.csv");
    for (const operation of ["CORRECT", "REVOKE", "ERASE"]) {
      await refused(
        registry
          .connect(owner)
          .recordProvenance(await nextRecord(id, { operation, parents: [foreign.hash] }), [foreign.hash]),
        registry,
        "ProvenanceSupersedeForeignRecord",
        foreign.hash,
        id,
      );
    }
    expect((await registry.recordInfo(foreign.hash)).status).to.equal(Status.active);
  });

  it("supersedes nothing with an operation that only resembles one", async () => {
    const { registry, startDataset, append } = await setUp();
    const first = await startDataset("a.csv");
    await append(first.id, { operation: "REVOKED" });
    await append(first.id, { operation: "revoke" });
    expect((await registry.recordInfo(first.hash)).status).to.equal(Status.active);
  });
});
