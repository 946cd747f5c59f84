import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { ZERO_HASH } from "../../../protocol/bytes.ts";
import { dataId, nameHash } from "../../../protocol/dataset.ts";
import { recordHash } from "../../../protocol/record.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { addressOf, deployRegistry, digest, NAMESPACE_ID } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const fixture = () => deployRegistry(ethers);
const setUp = () => networkHelpers.loadFixture(fixture);

describe("ProvenanceRegistry: datasets", () => {
  it("starts a dataset with its first record", async () => {
    const { registry, owner, domain, startSubmission } = await setUp();
    const submission = await startSubmission("a.csv");
    const id = submission.record.dataId;
    await expect(registry.connect(owner).submit(submission))
      .to.emit(registry, "DatasetStarted")
      .withArgs(id, NAMESPACE_ID, owner.address, nameHash("a.csv"), "a.csv");
    expect(await registry.datasetOwner(id)).to.deep.equal([owner.address, ethers.ZeroAddress, NAMESPACE_ID]);
    expect(await registry.getLatestHash(id)).to.equal(recordHash(domain, submission.record));
    expect(await registry.lineageLength(id)).to.equal(1);
  });

  it("keeps a name off chain where it is left out", async () => {
    const { registry, owner, startSubmission } = await setUp();
    const submission = { ...(await startSubmission("secret.csv")), name: "" };
    await expect(registry.connect(owner).submit(submission))
      .to.emit(registry, "DatasetStarted")
      .withArgs(submission.record.dataId, NAMESPACE_ID, owner.address, nameHash("secret.csv"), "");
  });

  it("starts a dataset for another owner, by a writer of the namespace", async () => {
    const { registry, owner, writer, stranger, startSubmission } = await setUp();
    await registry.connect(owner).setNamespaceWriter(NAMESPACE_ID, writer, true);
    const submission = await startSubmission("a.csv", { dataOwner: addressOf(stranger) });
    await registry.connect(writer).submit({ ...submission, agent: addressOf(writer) });
    expect(await registry.datasetOwner(submission.record.dataId)).to.deep.equal([
      stranger.address,
      ethers.ZeroAddress,
      NAMESPACE_ID,
    ]);
  });

  it("F8: refuses a dataset started by a stranger or in an unknown namespace", async () => {
    const { registry, stranger, startSubmission } = await setUp();
    const submission = { ...(await startSubmission("a.csv")), agent: addressOf(stranger) };
    await refused(
      registry.connect(stranger).submit(submission),
      registry,
      "ProvenanceNotWriter",
      NAMESPACE_ID,
      stranger.address,
    );
    const elsewhere = digest("unknown namespace");
    const lost = {
      ...submission,
      namespaceId: elsewhere,
      record: { ...submission.record, dataId: dataId(elsewhere, "a.csv") },
    };
    await refused(registry.connect(stranger).submit(lost), registry, "ProvenanceNamespaceUnknown", elsewhere);
  });

  it("F8: recomputes the id of a dataset that starts", async () => {
    const { registry, owner, startSubmission } = await setUp();
    const submission = await startSubmission("a.csv");
    const forged = digest("an id of one's own");
    await refused(
      registry.connect(owner).submit({ ...submission, record: { ...submission.record, dataId: forged } }),
      registry,
      "ProvenanceDatasetMismatch",
      submission.record.dataId,
      forged,
    );
  });

  it("refuses a name that doesn't hash to the name's hash", async () => {
    const { registry, owner, startSubmission, startDataset, nextRecord } = await setUp();
    const submission = await startSubmission("a.csv");
    await refused(
      registry.connect(owner).submit({ ...submission, name: "b.csv" }),
      registry,
      "ProvenanceNameMismatch",
      nameHash("a.csv"),
      nameHash("b.csv"),
    );
    const { id } = await startDataset("a.csv");
    const next = { ...submission, record: await nextRecord(id), namespaceId: ZERO_HASH, nameHash: ZERO_HASH };
    await refused(
      registry.connect(owner).submit(next),
      registry,
      "ProvenanceNameMismatch",
      ZERO_HASH,
      nameHash("a.csv"),
    );
  });

  it("refuses to start a dataset twice", async () => {
    const { registry, owner, startSubmission, startDataset, nextRecord } = await setUp();
    const submission = await startSubmission("a.csv");
    const { id } = await startDataset("a.csv");
    await refused(
      registry.connect(owner).submit({ ...submission, record: await nextRecord(id) }),
      registry,
      "ProvenanceDatasetStartUnexpected",
      id,
      NAMESPACE_ID,
    );
  });

  it("refuses a first record without an owner", async () => {
    const { registry, owner, startSubmission } = await setUp();
    const submission = await startSubmission("a.csv", { dataOwner: `0x${"00".repeat(20)}` });
    await refused(registry.connect(owner).submit(submission), registry, "ProvenanceZeroAddress");
  });

  it("leaves no trace of a dataset whose first record is refused", async () => {
    const { registry, owner, startSubmission } = await setUp();
    const submission = await startSubmission("a.csv", { dataHash: ZERO_HASH });
    await refused(registry.connect(owner).submit(submission), registry, "ProvenanceZeroDataHash");
    expect(await registry.datasetOwner(submission.record.dataId)).to.deep.equal([
      ethers.ZeroAddress,
      ethers.ZeroAddress,
      ZERO_HASH,
    ]);
  });

  it("F8: lets the owner name writers and take the right back", async () => {
    const { registry, owner, writer, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    await expect(registry.connect(owner).setDatasetWriter(id, writer, true))
      .to.emit(registry, "DatasetWriterSet")
      .withArgs(id, writer.address, true);
    expect(await registry.isWriter(id, writer)).to.equal(true);
    await registry.connect(writer).recordProvenance(await nextRecord(id), []);
    await registry.connect(owner).setDatasetWriter(id, writer, false);
    expect(await registry.isWriter(id, writer)).to.equal(false);
    await refused(
      registry.connect(writer).recordProvenance(await nextRecord(id), []),
      registry,
      "ProvenanceNotWriter",
      id,
      writer.address,
    );
  });

  it("counts the owner and the writers of the namespace as writers of its datasets", async () => {
    const { registry, owner, writer, stranger, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv", { dataOwner: addressOf(stranger) });
    await registry.connect(owner).setNamespaceWriter(NAMESPACE_ID, writer, true);
    for (const account of [owner, writer, stranger]) {
      expect(await registry.isWriter(id, account)).to.equal(true);
      await registry
        .connect(account)
        .recordProvenance(await nextRecord(id, { dataOwner: addressOf(stranger) }), []);
    }
    expect(await registry.lineageLength(id)).to.equal(4);
    expect(await registry.isWriter(id, ethers.ZeroAddress)).to.equal(false);
    expect(await registry.isWriter(digest("unknown"), ethers.ZeroAddress)).to.equal(false);
  });

  it("refuses ownership acts by others, on unknown datasets and for the zero address", async () => {
    const { registry, owner, stranger, startDataset } = await setUp();
    const { id } = await startDataset("a.csv");
    const unknown = digest("unknown");
    const asStranger = registry.connect(stranger);
    const notOwner = [id, owner.address, stranger.address];
    await refused(
      asStranger.setDatasetWriter(id, stranger, true),
      registry,
      "ProvenanceNotOwner",
      ...notOwner,
    );
    await refused(asStranger.transferDataset(id, stranger), registry, "ProvenanceNotOwner", ...notOwner);
    await refused(
      asStranger.setDatasetWriter(unknown, stranger, true),
      registry,
      "ProvenanceDatasetUnknown",
      unknown,
    );
    await refused(
      asStranger.transferDataset(unknown, stranger),
      registry,
      "ProvenanceDatasetUnknown",
      unknown,
    );
    await refused(asStranger.acceptDataset(unknown), registry, "ProvenanceDatasetUnknown", unknown);
    await refused(
      registry.connect(owner).setDatasetWriter(id, ethers.ZeroAddress, true),
      registry,
      "ProvenanceZeroAddress",
    );
  });

  it("F8: moves a dataset in two steps, and the offer can be withdrawn", async () => {
    const { registry, owner, stranger, relayer, startDataset } = await setUp();
    const { id } = await startDataset("a.csv");
    await registry.connect(owner).transferDataset(id, relayer);
    await registry.connect(owner).transferDataset(id, ethers.ZeroAddress);
    await refused(
      registry.connect(relayer).acceptDataset(id),
      registry,
      "ProvenanceNotPendingOwner",
      id,
      ethers.ZeroAddress,
      relayer.address,
    );
    await expect(registry.connect(owner).transferDataset(id, stranger))
      .to.emit(registry, "DatasetTransferStarted")
      .withArgs(id, owner.address, stranger.address);
    expect((await registry.datasetOwner(id)).owner).to.equal(owner.address);
    await expect(registry.connect(stranger).acceptDataset(id))
      .to.emit(registry, "DatasetTransferred")
      .withArgs(id, owner.address, stranger.address);
    expect(await registry.datasetOwner(id)).to.deep.equal([
      stranger.address,
      ethers.ZeroAddress,
      NAMESPACE_ID,
    ]);
  });

  it("F9: refuses a record that names another owner than the dataset has", async () => {
    const { registry, owner, stranger, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    await refused(
      registry.connect(owner).recordProvenance(await nextRecord(id, { dataOwner: addressOf(stranger) }), []),
      registry,
      "ProvenanceWrongDataOwner",
      owner.address,
      stranger.address,
    );
    await registry.connect(owner).transferDataset(id, stranger);
    await registry.connect(stranger).acceptDataset(id);
    await refused(
      registry.connect(stranger).recordProvenance(await nextRecord(id), []),
      registry,
      "ProvenanceWrongDataOwner",
      stranger.address,
      owner.address,
    );
  });
});
