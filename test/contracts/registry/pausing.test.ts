import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { ZERO_HASH } from "../../../protocol/bytes.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { deployRegistry, digest, NAMESPACE_ID } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(pausedRegistry);

async function pausedRegistry() {
  const fixture = await deployRegistry(ethers);
  const { id, record, hash } = await fixture.startDataset("a.csv");
  await fixture.registry.connect(fixture.admin).pause();
  return { ...fixture, id, record, hash };
}

describe("ProvenanceRegistry: pausing", () => {
  it("F22: stops every write", async () => {
    const { registry, owner, stranger, id, hash, nextRecord, startSubmission } = await setUp();
    const asOwner = registry.connect(owner);
    const record = await nextRecord(id);
    const submission = await startSubmission("b.csv");
    const report = {
      dataId: id,
      recordHash: hash,
      reader: digest("reader"),
      purpose: encodeOperation("research"),
      metadataHash: ZERO_HASH,
      timestamp: 1n,
    };
    const writes = {
      registerNamespace: () => asOwner.registerNamespace("another"),
      setNamespaceWriter: () => asOwner.setNamespaceWriter(NAMESPACE_ID, stranger, true),
      transferNamespace: () => asOwner.transferNamespace(NAMESPACE_ID, stranger),
      acceptNamespace: () => asOwner.acceptNamespace(NAMESPACE_ID),
      setDatasetWriter: () => asOwner.setDatasetWriter(id, stranger, true),
      transferDataset: () => asOwner.transferDataset(id, stranger),
      acceptDataset: () => asOwner.acceptDataset(id),
      recordProvenance: () => asOwner.recordProvenance(record, []),
      recordProvenanceSigned: () => asOwner.recordProvenanceSigned(record, [], owner, "0x"),
      submit: () => asOwner.submit(submission),
      submitBatch: () => asOwner.submitBatch([submission]),
      recordAccesses: () => asOwner.recordAccesses([report]),
      setEndorsementPolicy: () => asOwner.setEndorsementPolicy(id, [stranger], 1),
      endorse: () => asOwner.endorse(id, hash, [{ validator: owner.address, signature: "0x" }]),
    };
    const administration = ["pause", "unpause", "setAuthority"];
    const writing: string[] = [];
    registry.interface.forEachFunction((fragment) => {
      if (!fragment.constant && !administration.includes(fragment.name)) writing.push(fragment.name);
    });
    expect(Object.keys(writes)).to.have.members(writing);
    for (const write of Object.values(writes)) await refused(write(), registry, "EnforcedPause");
  });

  it("F22: never stops reads", async () => {
    const { registry, owner, id, record, hash } = await setUp();
    expect(await registry.getLatestHash(id)).to.equal(hash);
    expect(await registry.lineageLength(id)).to.equal(1);
    expect(await registry.verifyRecord(record)).to.equal(true);
    expect(await registry.verifyLineage([record], [[]])).to.equal(true);
    expect(await registry.isWriter(id, owner)).to.equal(true);
    expect((await registry.recordInfo(hash)).sequence).to.equal(1);
  });

  it("F22: goes on after the pause, and says which schema it speaks", async () => {
    const { registry, admin, owner, id, nextRecord } = await setUp();
    await expect(registry.connect(admin).unpause()).to.emit(registry, "Unpaused").withArgs(admin.address);
    await registry.connect(owner).recordProvenance(await nextRecord(id), []);
    expect(await registry.schemaVersion()).to.equal(1);
  });

  it("F8: lets nobody pause or unpause but whom the AccessManager names", async () => {
    const { registry, admin, manager, owner, stranger } = await setUp();
    for (const call of ["pause", "unpause"] as const) {
      await refused(registry.connect(owner)[call](), registry, "AccessManagedUnauthorized", owner.address);
    }
    const guard = 7n;
    const selector = registry.interface.getFunction("unpause")?.selector;
    const asAdmin = manager.connect(admin) as typeof manager;
    await asAdmin.getFunction("setTargetFunctionRole")(await registry.getAddress(), [selector], guard);
    await asAdmin.getFunction("grantRole")(guard, stranger.address, 0);
    await registry.connect(stranger).unpause();
    await refused(
      registry.connect(stranger).pause(),
      registry,
      "AccessManagedUnauthorized",
      stranger.address,
    );
    await refused(registry.connect(stranger).unpause(), registry, "ExpectedPause");
  });
});
