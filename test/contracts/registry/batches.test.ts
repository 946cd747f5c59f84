import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { type Hex, ZERO_HASH } from "../../../protocol/bytes.ts";
import { recordHash } from "../../../protocol/record.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import {
  addressOf,
  deployRegistry,
  digest,
  type RegistryFixture,
  type Submission,
} from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const fixture = () => deployRegistry(ethers);
const setUp = () => networkHelpers.loadFixture(fixture);

/** A dataset's start and `count - 1` further records, each on top of the one before. */
async function chain({ startSubmission, domain }: RegistryFixture, name: string, count: number) {
  const first = await startSubmission(name);
  const submissions: Submission[] = [first];
  let previousHash: Hex = recordHash(domain, first.record);
  for (let i = 1; i < count; i++) {
    const record = { ...first.record, previousHash, dataHash: digest(`${name} ${i}`) };
    submissions.push({ ...first, record, namespaceId: ZERO_HASH, nameHash: ZERO_HASH, name: "" });
    previousHash = recordHash(domain, record);
  }
  return submissions;
}

describe("ProvenanceRegistry: batches", () => {
  it("accepts a batch in its order: datasets start, go on and derive from each other within it", async () => {
    const given = await setUp();
    const { registry, owner, domain } = given;
    const submissions = [...(await chain(given, "a", 3)), ...(await chain(given, "b", 2))];
    const hashes = submissions.map(({ record }) => recordHash(domain, record));
    expect(await registry.connect(owner).submitBatch.staticCall(submissions)).to.deep.equal(hashes);
    await registry.connect(owner).submitBatch(submissions);
    expect(await registry.lineageLength(submissions[0]?.record.dataId)).to.equal(3);
    expect(await registry.lineageLength(submissions[3]?.record.dataId)).to.equal(2);
  });

  it("accepts signed submissions of several agents from one relayer", async () => {
    const given = await setUp();
    const { registry, owner, relayer, signRecord } = given;
    const submissions = await Promise.all(
      (await chain(given, "a", 2)).map(async (submission) => ({
        ...submission,
        agent: addressOf(owner),
        signature: await signRecord(owner, submission.record),
      })),
    );
    await registry.connect(relayer).submitBatch(submissions);
    expect(await registry.lineageLength(submissions[0]?.record.dataId)).to.equal(2);
  });

  it("accepts all of a batch or nothing", async () => {
    const given = await setUp();
    const { registry, owner } = given;
    const submissions = await chain(given, "a", 3);
    const [first, second, third] = submissions as [Submission, Submission, Submission];
    const broken = { ...third, record: { ...third.record, dataHash: ZERO_HASH } };
    await refused(
      registry.connect(owner).submitBatch([first, second, broken]),
      registry,
      "ProvenanceZeroDataHash",
    );
    expect(await registry.getLatestHash(first.record.dataId)).to.equal(ZERO_HASH);
  });

  it("refuses the same record twice in one batch", async () => {
    const given = await setUp();
    const { registry, owner, domain } = given;
    const [first, second] = (await chain(given, "a", 2)) as [Submission, Submission];
    await refused(
      registry.connect(owner).submitBatch([first, second, second]),
      registry,
      "ProvenanceRecordExists",
      recordHash(domain, second.record),
    );
  });

  it("refuses an empty batch and one of more than 256", async () => {
    const given = await setUp();
    const { registry, owner } = given;
    const asOwner = registry.connect(owner);
    await refused(asOwner.submitBatch([]), registry, "ProvenanceBatchEmpty");
    const [first] = await chain(given, "a", 1);
    await refused(asOwner.submitBatch(Array(257).fill(first)), registry, "ProvenanceBatchTooLarge", 257, 256);
  });
});
