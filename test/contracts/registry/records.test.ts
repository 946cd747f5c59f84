import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { type Hex, ZERO_HASH } from "../../../protocol/bytes.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { NO_PARENTS_HASH, parentsHash, sortParents } from "../../../protocol/parents.ts";
import { recordHash } from "../../../protocol/record.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { addressOf, deployRegistry, digest } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const fixture = () => deployRegistry(ethers);
const setUp = () => networkHelpers.loadFixture(fixture);

describe("ProvenanceRegistry: records", () => {
  it("F13, F9: says all there is to know of a record in one event, with agent, submitter and owner apart", async () => {
    const { registry, owner, writer, relayer, domain, startDataset, nextRecord, signRecord } = await setUp();
    const parent = await startDataset("raw.csv");
    const { id, hash } = await startDataset("clean.csv");
    await registry.connect(owner).setDatasetWriter(id, writer, true);
    const record = await nextRecord(id, {
      operation: "DERIVE",
      metadataHash: digest("salted"),
      parents: [parent.hash],
    });
    const signature = await signRecord(writer, record);
    await expect(registry.connect(relayer).recordProvenanceSigned(record, [parent.hash], writer, signature))
      .to.emit(registry, "ProvenanceRecorded")
      .withArgs(
        id,
        recordHash(domain, record),
        writer.address,
        relayer.address,
        2,
        record.timestamp,
        owner.address,
        record.dataHash,
        hash,
        encodeOperation("DERIVE"),
        digest("salted"),
        [parent.hash],
      );
  });

  it("F14: keeps the head, the number and one slot of each record, whatever the length of the history", async () => {
    const { registry, startDataset, append } = await setUp();
    const { id } = await startDataset("a.csv");
    let last: Hex = ZERO_HASH;
    for (let sequence = 2; sequence <= 5; sequence++) {
      const { hash } = await append(id, { dataHash: digest(`version ${sequence}`) });
      last = hash;
      const info = await registry.recordInfo(hash);
      expect(info.sequence).to.equal(sequence);
      expect(info.blockNumber).to.equal(await ethers.provider.getBlockNumber());
      expect(info.status).to.equal(1);
      expect(info.policyVersion).to.equal(0);
    }
    expect(await registry.getLatestHash(id)).to.equal(last);
    expect(await registry.lineageLength(id)).to.equal(5);
    expect(await registry.lineageLength(digest("unknown"))).to.equal(0);
    expect(await registry.getLatestHash(digest("unknown"))).to.equal(ZERO_HASH);
    expect((await registry.recordInfo(digest("unknown"))).status).to.equal(0);
  });

  it("F2, F24: the hash covers the data's digest, not the call that carried it", async () => {
    const { registry, owner, stranger, startDataset, nextRecord, signRecord, domain } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id, { dataHash: digest("the document") });
    const hash = recordHash(domain, record);
    const signature = await signRecord(owner, record);
    // The same record through three entries, by two senders: one identity.
    const submission = {
      record,
      parents: [],
      agent: addressOf(owner),
      signature,
      namespaceId: ZERO_HASH,
      nameHash: ZERO_HASH,
      name: "",
    };
    expect(await registry.connect(owner).recordProvenance.staticCall(record, [])).to.equal(hash);
    expect(
      await registry.connect(stranger).recordProvenanceSigned.staticCall(record, [], owner, signature),
    ).to.equal(hash);
    expect(await registry.connect(stranger).submit.staticCall(submission)).to.equal(hash);
    expect(await registry.connect(stranger).submitBatch.staticCall([submission])).to.deep.equal([hash]);
  });

  it("F3: a trailing byte in the call changes nothing", async () => {
    const { registry, owner, startDataset, nextRecord, domain } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id);
    const data = registry.interface.encodeFunctionData("recordProvenance", [record, []]);
    await owner.sendTransaction({ to: await registry.getAddress(), data: `${data}ff` });
    expect(await registry.getLatestHash(id)).to.equal(recordHash(domain, record));
  });

  it("F5: every field of the record is in its hash", async () => {
    const { registry, owner, stranger, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id);
    await registry.connect(owner).recordProvenance(record, []);
    expect(await registry.verifyRecord(record)).to.equal(true);
    const changes = [
      { dataId: digest("x") },
      { dataHash: digest("x") },
      { previousHash: digest("x") },
      { parentsHash: digest("x") },
      { operation: encodeOperation("CREATE") },
      { metadataHash: digest("x") },
      { dataOwner: addressOf(stranger) },
      { timestamp: record.timestamp + 1n },
    ];
    expect(changes).to.have.length(Object.keys(record).length);
    for (const change of changes) {
      expect(await registry.verifyRecord({ ...record, ...change }), Object.keys(change)[0]).to.equal(false);
    }
  });

  it("F4: refuses a replay, and gives equal steps different hashes", async () => {
    const { registry, owner, startDataset, nextRecord, append } = await setUp();
    const { id } = await startDataset("a.csv");
    const timestamp = (await nextRecord(id)).timestamp;
    const first = await append(id, { timestamp });
    const second = await append(id, { timestamp });
    expect(first.hash).not.to.equal(second.hash);
    for (const { record, hash } of [first, second]) {
      await refused(
        registry.connect(owner).recordProvenance(record, []),
        registry,
        "ProvenanceRecordExists",
        hash,
      );
    }
  });

  it("F4: a record can't be its own parent, because a parent has to exist before it", async () => {
    const { registry, owner, startDataset, nextRecord, domain } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id);
    const own = recordHash(domain, record);
    const looped = { ...record, parentsHash: parentsHash([own]) };
    await refused(
      registry.connect(owner).recordProvenance(looped, [own]),
      registry,
      "ProvenanceParentUnknown",
      own,
    );
    await refused(
      registry.connect(owner).recordProvenance({ ...record, previousHash: own }, []),
      registry,
      "ProvenanceStaleHead",
      id,
      record.previousHash,
      own,
    );
  });

  it("F6: refuses a stale head, so that no update is lost", async () => {
    const { registry, owner, writer, startDataset, nextRecord, domain } = await setUp();
    const { id, hash } = await startDataset("a.csv");
    await registry.connect(owner).setDatasetWriter(id, writer, true);
    const [mine, theirs] = [
      await nextRecord(id, { dataHash: digest("mine") }),
      await nextRecord(id, { dataHash: digest("theirs") }),
    ];
    await registry.connect(owner).recordProvenance(mine, []);
    await refused(
      registry.connect(writer).recordProvenance(theirs, []),
      registry,
      "ProvenanceStaleHead",
      id,
      recordHash(domain, mine),
      hash,
    );
  });

  it("refuses a record of an unknown dataset", async () => {
    const { registry, owner, nextRecord } = await setUp();
    const id = digest("unknown");
    await refused(
      registry.connect(owner).recordProvenance(await nextRecord(id), []),
      registry,
      "ProvenanceDatasetUnknown",
      id,
    );
  });

  it("F8: refuses a stranger's record", async () => {
    const { registry, stranger, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id, { operation: "DELETE" });
    await refused(
      registry.connect(stranger).recordProvenance(record, []),
      registry,
      "ProvenanceNotWriter",
      id,
      stranger.address,
    );
  });

  it("refuses a record without data", async () => {
    const { registry, owner, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id, { dataHash: ZERO_HASH });
    await refused(registry.connect(owner).recordProvenance(record, []), registry, "ProvenanceZeroDataHash");
  });

  it("F10: refuses an operation that isn't a short printable name", async () => {
    const { registry, owner, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id);
    const words = [ZERO_HASH, ethers.encodeBytes32String("two words"), `0x${"41".repeat(32)}` as Hex];
    for (const operation of words) {
      await refused(
        registry.connect(owner).recordProvenance({ ...record, operation: operation as Hex }, []),
        registry,
        "ProvenanceOperationInvalid",
        operation,
      );
    }
    await registry
      .connect(owner)
      .recordProvenance({ ...record, operation: encodeOperation("x".repeat(31)) }, []);
  });

  it("F19: binds the claimed time to the block's: not zero, at most 300 seconds ahead", async () => {
    const { registry, owner, startDataset, nextRecord } = await setUp();
    const { id } = await startDataset("a.csv");
    const record = await nextRecord(id);
    const asOwner = registry.connect(owner);
    await refused(
      asOwner.recordProvenance({ ...record, timestamp: 0n }, []),
      registry,
      "ProvenanceTimestampZero",
    );
    const blockTime = BigInt(await networkHelpers.time.latest()) + 100n;
    await networkHelpers.time.setNextBlockTimestamp(blockTime);
    await refused(
      asOwner.recordProvenance({ ...record, timestamp: blockTime + 301n }, []),
      registry,
      "ProvenanceTimestampInFuture",
      blockTime + 301n,
      blockTime + 300n,
    );
    const next = BigInt(await networkHelpers.time.latest()) + 100n;
    await networkHelpers.time.setNextBlockTimestamp(next);
    await asOwner.recordProvenance({ ...record, timestamp: next + 300n }, []);
    // History may be written down late: an old time is fine.
    await asOwner.recordProvenance(await nextRecord(id, { timestamp: 1n }), []);
  });

  it("F17: takes many parents, of any dataset", async () => {
    const { registry, owner, startDataset, append } = await setUp();
    const hashes: Hex[] = [];
    for (let i = 0; i < 64; i++) hashes.push((await startDataset(`input ${i}`)).hash);
    const { id, hash } = await startDataset("joined.csv");
    const { record } = await append(id, { operation: "DERIVE", parents: hashes });
    expect(await registry.verifyRecord(record)).to.equal(true);
    // The previous record may be a parent, too.
    await append(id, { parents: [hash] });
    const parents = sortParents([...hashes, hash]);
    const tooMany = { ...record, parentsHash: parentsHash(parents) };
    await refused(
      registry
        .connect(owner)
        .recordProvenance({ ...tooMany, previousHash: await registry.getLatestHash(id) }, parents),
      registry,
      "ProvenanceTooManyParents",
      65,
      64,
    );
  });

  it("F17: refuses parents that are unknown, out of order, doubled or not those committed to", async () => {
    const { registry, owner, startDataset, nextRecord } = await setUp();
    const parents = sortParents([(await startDataset("x")).hash, (await startDataset("y")).hash]);
    const { id } = await startDataset("a.csv");
    const asOwner = registry.connect(owner);
    const packed = (hashes: readonly string[]) => ethers.keccak256(ethers.concat(hashes)) as Hex;
    const unknown = digest("unknown");
    await refused(
      asOwner.recordProvenance(await nextRecord(id, { parents: [unknown] }), [unknown]),
      registry,
      "ProvenanceParentUnknown",
      unknown,
    );
    await refused(
      asOwner.recordProvenance(await nextRecord(id, { parents: [ZERO_HASH] }), [ZERO_HASH]),
      registry,
      "ProvenanceParentUnknown",
      ZERO_HASH,
    );
    const plain = await nextRecord(id);
    for (const disordered of [parents.toReversed(), [...parents, ...parents.slice(1)]]) {
      await refused(
        asOwner.recordProvenance({ ...plain, parentsHash: packed(disordered) }, disordered),
        registry,
        "ProvenanceParentsNotAscending",
        disordered.length - 1,
      );
    }
    await refused(
      asOwner.recordProvenance(plain, parents),
      registry,
      "ProvenanceParentsHashMismatch",
      packed(parents),
      NO_PARENTS_HASH,
    );
    await refused(
      asOwner.recordProvenance({ ...plain, parentsHash: packed(parents) }, parents.slice(1)),
      registry,
      "ProvenanceParentsHashMismatch",
      packed(parents.slice(1)),
      packed(parents),
    );
    await refused(
      asOwner.recordProvenance({ ...plain, parentsHash: ZERO_HASH }, []),
      registry,
      "ProvenanceParentsHashMismatch",
      NO_PARENTS_HASH,
      ZERO_HASH,
    );
  });
});
