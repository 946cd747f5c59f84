import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";
import { describe, it } from "mocha";
import type { Hex } from "../../../protocol/bytes.ts";
import { endorsementHash, endorsementTypedData } from "../../../protocol/endorsement.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { parentsHash } from "../../../protocol/parents.ts";
import { recordHash } from "../../../protocol/record.ts";
import { rebuild } from "../../helpers/contracts/rebuildRegistry.ts";
import { addressOf, deployRegistry, digest, NAMESPACE_ID } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(fixture);
const fixture = () => deployRegistry(ethers);
type Fixture = Awaited<ReturnType<typeof fixture>>;

const operations = ["TRANSFORM", "DERIVE", "CORRECT", "REVOKE", "ERASE"] as const;
const actions = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("start" as const), owner: fc.nat(2) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("append" as const),
        dataset: fc.nat(9),
        operation: fc.constantFrom(...operations),
        parents: fc.array(fc.nat(30), { maxLength: 4 }),
      }),
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("transfer" as const),
        dataset: fc.nat(9),
        to: fc.nat(2),
        accept: fc.boolean(),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("writer" as const),
        dataset: fc.nat(9),
        writer: fc.nat(2),
        allowed: fc.boolean(),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("namespaceWriter" as const),
        writer: fc.nat(2),
        allowed: fc.boolean(),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("policy" as const),
        dataset: fc.nat(9),
        validators: fc.nat(3),
        threshold: fc.nat(4),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("endorse" as const),
        record: fc.nat(30),
        validators: fc.uniqueArray(fc.nat(2), { minLength: 1 }),
      }),
      weight: 2,
    },
    { arbitrary: fc.record({ kind: fc.constant("access" as const), record: fc.nat(30) }), weight: 1 },
  ),
  { minLength: 20, maxLength: 40, size: "max" },
);
type Action = (typeof actions extends fc.Arbitrary<infer Script extends readonly unknown[]>
  ? Script
  : never)[number];

/** Each kind of action at least once, none of them refused. */
const everyKind: Action[] = [
  { kind: "start", owner: 0 },
  { kind: "start", owner: 1 },
  { kind: "namespaceWriter", writer: 2, allowed: true },
  { kind: "writer", dataset: 0, writer: 1, allowed: true },
  { kind: "policy", dataset: 0, validators: 3, threshold: 2 },
  { kind: "append", dataset: 0, operation: "DERIVE", parents: [0, 1] },
  { kind: "endorse", record: 2, validators: [0, 2] },
  { kind: "access", record: 2 },
  { kind: "append", dataset: 0, operation: "CORRECT", parents: [2] },
  { kind: "policy", dataset: 0, validators: 0, threshold: 0 },
  { kind: "append", dataset: 0, operation: "ERASE", parents: [] },
  { kind: "transfer", dataset: 0, to: 2, accept: true },
  { kind: "transfer", dataset: 1, to: 0, accept: false },
  { kind: "append", dataset: 0, operation: "TRANSFORM", parents: [] },
];

/** Plays actions against the contract; those that the rules forbid are refused and change nothing. */
async function play(given: Fixture, script: readonly Action[]) {
  const { registry, owner, writer, stranger, domain } = given;
  const people = [owner, writer, stranger];
  const datasets: { id: Hex; owner: HardhatEthersSigner }[] = [];
  const records: { id: Hex; hash: Hex; policyVersion: bigint }[] = [];
  let refusals = 0;

  async function append(
    id: Hex,
    dataOwner: HardhatEthersSigner,
    operation: string,
    picked: readonly number[],
  ) {
    const parents = [...new Set(picked.map((i) => records[i % records.length]?.hash))]
      .filter((hash) => hash !== undefined)
      .sort();
    const record = {
      ...(await given.nextRecord(id, {
        dataOwner: addressOf(dataOwner),
        dataHash: digest(`${records.length}`),
      })),
      operation: encodeOperation(operation),
      parentsHash: parentsHash(parents),
    };
    return { record, parents, hash: recordHash(domain, record) };
  }

  async function remember(id: Hex, hash: Hex) {
    records.push({ id, hash, policyVersion: (await registry.recordInfo(hash)).policyVersion });
  }

  async function perform(action: Action): Promise<void> {
    const dataset = "dataset" in action ? datasets[action.dataset % datasets.length] : undefined;
    const record = "record" in action ? records[action.record % records.length] : undefined;
    if (action.kind === "start") {
      const dataOwner = people[action.owner] ?? owner;
      const submission = await given.startSubmission(`dataset ${datasets.length}`, {
        dataOwner: addressOf(dataOwner),
      });
      await registry.connect(owner).submit(submission);
      const id = submission.record.dataId;
      datasets.push({ id, owner: dataOwner });
      await remember(id, recordHash(domain, submission.record));
    } else if (action.kind === "namespaceWriter") {
      await registry.connect(owner).setNamespaceWriter(NAMESPACE_ID, people[action.writer], action.allowed);
    } else if (dataset && action.kind === "append") {
      const { record, parents, hash } = await append(
        dataset.id,
        dataset.owner,
        action.operation,
        action.parents,
      );
      await registry.connect(dataset.owner).recordProvenance(record, parents);
      await remember(dataset.id, hash);
    } else if (dataset && action.kind === "transfer") {
      const to = people[action.to] ?? owner;
      await registry.connect(dataset.owner).transferDataset(dataset.id, to);
      if (action.accept) {
        await registry.connect(to).acceptDataset(dataset.id);
        dataset.owner = to;
      }
    } else if (dataset && action.kind === "writer") {
      await registry
        .connect(dataset.owner)
        .setDatasetWriter(dataset.id, people[action.writer], action.allowed);
    } else if (dataset && action.kind === "policy") {
      await registry
        .connect(dataset.owner)
        .setEndorsementPolicy(dataset.id, people.slice(0, action.validators), action.threshold);
    } else if (record && action.kind === "endorse") {
      const endorsements = await Promise.all(
        action.validators.map(async (index) => {
          const signer = people[index] ?? owner;
          const endorsement = {
            recordHash: record.hash,
            validator: addressOf(signer),
            policyVersion: record.policyVersion,
          };
          const data = endorsementTypedData(domain, endorsement);
          const types = { Endorsement: [...data.types.Endorsement] };
          expect(endorsementHash(domain, endorsement)).to.match(/^0x/);
          return {
            validator: endorsement.validator,
            signature: await signer.signTypedData(data.domain, types, data.message),
          };
        }),
      );
      await registry.endorse(record.id, record.hash, endorsements);
    } else if (record && action.kind === "access") {
      const report = {
        dataId: record.id,
        recordHash: record.hash,
        reader: digest("reader"),
        purpose: encodeOperation("audit"),
        metadataHash: digest("salted"),
        timestamp: 1n,
      };
      await registry.connect(owner).recordAccesses([report]);
    }
  }

  for (const action of script) {
    await perform(action).catch((error: unknown) => {
      if (!String(error).includes("custom error")) throw error;
      refusals++;
    });
  }
  return { datasets, records, people, refusals };
}

describe("ProvenanceRegistry: rebuilding", () => {
  it("plays every kind of action without a refusal", async () => {
    const { records, refusals } = await play(await setUp(), everyKind);
    expect(refusals).to.equal(0);
    expect(records).to.have.length(6);
  });

  it("F13, F25: the whole state can be rebuilt from the logs alone, and the chain of every dataset is contiguous", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const given = await setUp();
        const { registry, domain } = given;
        const { datasets, records, people } = await play(given, script);
        const logs = await ethers.provider.getLogs({ address: domain.registry, fromBlock: 0 });
        const state = rebuild(registry.interface, logs);

        expect([...state.datasets.keys()]).to.have.members(datasets.map(({ id }) => id));
        expect([...state.records.keys()]).to.have.members(records.map(({ hash }) => hash));
        for (const [id, dataset] of state.datasets) {
          expect(await registry.datasetOwner(id)).to.deep.equal([
            dataset.owner,
            dataset.pendingOwner,
            dataset.namespaceId,
          ]);
          expect(await registry.getLatestHash(id)).to.equal(dataset.history.at(-1));
          expect(await registry.lineageLength(id)).to.equal(dataset.history.length);
          expect(await registry.endorsementPolicy(id)).to.deep.equal([
            dataset.policy.version,
            dataset.policy.threshold,
            dataset.policy.validators,
          ]);
          for (const { address } of people) {
            expect(await registry.isWriter(id, address)).to.equal(state.isWriter(id, address));
          }
        }
        for (const [hash, record] of state.records) {
          expect(await registry.recordInfo(hash)).to.deep.equal([
            record.blockNumber,
            record.sequence,
            record.policyVersion,
            record.status,
            record.endorsementCount,
            record.validated,
          ]);
          expect(recordHash(domain, record.fields)).to.equal(hash);
          expect(await registry.verifyRecord(record.fields)).to.equal(true);
        }
      }),
      { numRuns: 20, examples: [[everyKind]] },
    );
  });
});
