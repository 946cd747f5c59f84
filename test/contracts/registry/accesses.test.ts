import { expect } from "chai";
import type { Log } from "ethers";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { accessHash } from "../../../protocol/access.ts";
import { type Hex, ZERO_HASH } from "../../../protocol/bytes.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { addressOf, deployRegistry, digest } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(dataset);

async function dataset() {
  const fixture = await deployRegistry(ethers);
  const { id, hash } = await fixture.startDataset("patients.csv");
  const report = {
    dataId: id,
    recordHash: hash,
    reader: digest("pseudonym 1"),
    purpose: encodeOperation("research"),
    metadataHash: ZERO_HASH as Hex,
    timestamp: BigInt(await networkHelpers.time.latest()),
  };
  return { ...fixture, id, hash, report };
}

describe("ProvenanceRegistry: access log", () => {
  it("F18: writes down who read what, when and for which purpose, numbered for each dataset", async () => {
    const { registry, owner, domain, id, hash, report } = await setUp();
    const second = { ...report, reader: digest("pseudonym 2"), metadataHash: digest("salted") };
    const transaction = registry.connect(owner).recordAccesses([report, second]);
    for (const [index, given] of [report, second].entries()) {
      const sequence = BigInt(index + 1);
      const digestOfReport = accessHash(domain, { ...given, reporter: addressOf(owner), sequence });
      expect(await registry.hashAccess(given, owner, sequence)).to.equal(digestOfReport);
      await expect(transaction)
        .to.emit(registry, "AccessRecorded")
        .withArgs(
          id,
          hash,
          given.reader,
          digestOfReport,
          given.purpose,
          given.metadataHash,
          owner.address,
          sequence,
          given.timestamp,
        );
    }
  });

  it("F18: gives equal reads different hashes, and counts on in the next call", async () => {
    const { registry, owner, report } = await setUp();
    const twice = async () => {
      const receipt = await (await registry.connect(owner).recordAccesses([report, report])).wait();
      return receipt?.logs.map((log: Log) => registry.interface.parseLog(log)?.args) ?? [];
    };
    const events = [...(await twice()), ...(await twice())];
    expect(events.map((args) => args?.sequence)).to.deep.equal([1n, 2n, 3n, 4n]);
    expect(new Set(events.map((args) => args?.accessHash)).size).to.equal(4);
  });

  it("numbers each dataset's reads apart", async () => {
    const { registry, owner, report, startDataset } = await setUp();
    const other = await startDataset("other.csv");
    const elsewhere = { ...report, dataId: other.id, recordHash: other.hash };
    const receipt = await (
      await registry.connect(owner).recordAccesses([report, elsewhere, report, elsewhere])
    ).wait();
    const sequences = receipt?.logs.map((log: Log) => registry.interface.parseLog(log)?.args.sequence);
    expect(sequences).to.deep.equal([1n, 1n, 2n, 2n]);
  });

  it("takes reports from writers, and from nobody else", async () => {
    const { registry, owner, writer, stranger, id, report } = await setUp();
    await registry.connect(owner).setDatasetWriter(id, writer, true);
    await registry.connect(writer).recordAccesses([report]);
    await refused(
      registry.connect(stranger).recordAccesses([report]),
      registry,
      "ProvenanceNotWriter",
      id,
      stranger.address,
    );
  });

  it("refuses reads of unknown datasets and records, and of another dataset's record", async () => {
    const { registry, owner, id, report, startDataset } = await setUp();
    const other = await startDataset("other.csv");
    const unknown = digest("unknown");
    const asOwner = registry.connect(owner);
    await refused(
      asOwner.recordAccesses([{ ...report, dataId: unknown }]),
      registry,
      "ProvenanceDatasetUnknown",
      unknown,
    );
    await refused(
      asOwner.recordAccesses([{ ...report, recordHash: unknown }]),
      registry,
      "ProvenanceRecordUnknown",
      unknown,
    );
    await refused(
      asOwner.recordAccesses([report, { ...report, recordHash: other.hash }]),
      registry,
      "ProvenanceRecordNotInDataset",
      other.hash,
      id,
    );
  });

  it("refuses a purpose that is no code, and a time that is zero or ahead", async () => {
    const { registry, owner, report } = await setUp();
    const asOwner = registry.connect(owner);
    const text = ethers.encodeBytes32String("because I wanted to");
    await refused(
      asOwner.recordAccesses([{ ...report, purpose: text }]),
      registry,
      "ProvenanceOperationInvalid",
      text,
    );
    await refused(
      asOwner.recordAccesses([{ ...report, timestamp: 0n }]),
      registry,
      "ProvenanceTimestampZero",
    );
    await refused(
      asOwner.recordAccesses([{ ...report, timestamp: report.timestamp + 10_000n }]),
      registry,
      "ProvenanceTimestampInFuture",
    );
  });

  it("bounds the batch: at least 1 report, at most 256", async () => {
    const { registry, owner, report } = await setUp();
    const asOwner = registry.connect(owner);
    await refused(asOwner.recordAccesses([]), registry, "ProvenanceBatchEmpty");
    await refused(
      asOwner.recordAccesses(Array(257).fill(report)),
      registry,
      "ProvenanceBatchTooLarge",
      257,
      256,
    );
    await asOwner.recordAccesses(Array(256).fill(report));
  });
});
