import type { HardhatEthers } from "@nomicfoundation/hardhat-ethers/types";
import { bytesToHex, type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { logId } from "../../protocol/checkpoint.ts";
import { endorsementTypedData } from "../../protocol/endorsement.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { recordHash } from "../../protocol/record.ts";
import { consistencyPath } from "../../protocol/tree/paths.ts";
import {
  addressOf,
  deployRegistry,
  digest,
  type RegistryFixture,
} from "../../test/helpers/contracts/registryFixture.ts";
import { virtualTree } from "./virtualTree.ts";

/** Gas of each thing that users do, as the receipts say. */
export type GasFigures = {
  readonly baselineFirst: number;
  readonly baselineNext: number;
  readonly registerNamespace: number;
  readonly startDataset: number;
  readonly recordDirect: number;
  readonly recordSigned: number;
  readonly recordSignedByWriter: number;
  readonly recordWith8Parents: number;
  readonly recordCorrecting: number;
  readonly batchOf50: number;
  readonly batchOf50Signed: number;
  readonly accessesOf50: number;
  readonly policyOf3: number;
  readonly endorsementOf1: number;
  readonly endorsementOf3: number;
  readonly anchorFirst: number;
  /** With a consistency proof from size 1,000,000, 1,024 entries later. */
  readonly anchorAfter1024: number;
  /** With a consistency proof, another 4,096 entries later. */
  readonly anchorAfter4096: number;
  readonly anchorProofHashes: number;
};

const ORIGIN = "stemma.local/31337/0x5fbdb2315678afecb367f032d93f642f64180aa3";
const BATCH = 50;
const FIRST_SIZE = 1_000_000n;
/** All times are set, so that no figure depends on the clock. */
const TIMESTAMP = 1_760_000_000n;

type Sent = Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>;

async function gasOf(sent: Sent): Promise<number> {
  return Number((await (await sent).wait())?.gasUsed);
}

/**
 * Measures on a fresh embedded chain. The figures are the same on every run: accounts, times and data are fixed.
 *
 * The baseline is called with the operation and the signature that the registry's record has.
 */
export async function measureGas(ethers: HardhatEthers): Promise<GasFigures> {
  const fixture = await deployRegistry(ethers);
  return {
    ...(await measureBaseline(fixture)),
    ...(await measureRecords(fixture)),
    ...(await measureBatches(fixture)),
    ...(await measureEndorsements(fixture)),
    ...(await measureAnchor(fixture)),
  };
}

async function measureBaseline({ ethers, owner, signRecord, nextRecord }: RegistryFixture) {
  const plain = await ethers.deployContract("PlainProvenance");
  const id = digest("baseline");
  const signature = await signRecord(owner, await nextRecord(id, { timestamp: TIMESTAMP }));
  const record = () => gasOf(plain.getFunction("recordProvenance")(id, "TRANSFORM", signature));
  return { baselineFirst: await record(), baselineNext: await record() };
}

async function measureRecords(fixture: RegistryFixture) {
  const { registry, owner, writer, relayer, startSubmission, nextRecord, signRecord } = fixture;
  const asOwner = registry.connect(owner);
  const asRelayer = registry.connect(relayer);
  const registerNamespace = await gasOf(asOwner.registerNamespace("s3://example/lake"));
  const start = await startSubmission("data/2026/measurements.csv", { timestamp: TIMESTAMP });
  const startDataset = await gasOf(asOwner.submit(start));
  const id = start.record.dataId;
  await (await asOwner.setDatasetWriter(id, writer, true)).wait();
  const next = (step: string, changes = {}) =>
    nextRecord(id, {
      timestamp: TIMESTAMP,
      dataHash: digest(step),
      metadataHash: digest(`metadata ${step}`),
      ...changes,
    });

  const recordDirect = await gasOf(asOwner.recordProvenance(await next("direct"), []));
  const signed = await next("signed");
  const recordSigned = await gasOf(
    asRelayer.recordProvenanceSigned(signed, [], owner, await signRecord(owner, signed)),
  );
  const byWriter = await next("writer");
  const recordSignedByWriter = await gasOf(
    asRelayer.recordProvenanceSigned(byWriter, [], writer, await signRecord(writer, byWriter)),
  );
  const parents: Hex[] = [];
  for (let i = 0; i < 8; i++) {
    parents.push((await fixture.startDataset(`input ${i}`, { timestamp: TIMESTAMP })).hash);
  }
  parents.sort();
  const derived = await next("derived", { operation: "DERIVE", parents });
  const recordWith8Parents = await gasOf(asOwner.recordProvenance(derived, parents));
  const recordCorrecting = await gasOf(
    asOwner.recordProvenance(await next("corrected", { operation: "CORRECT" }), []),
  );
  return {
    registerNamespace,
    startDataset,
    recordDirect,
    recordSigned,
    recordSignedByWriter,
    recordWith8Parents,
    recordCorrecting,
  };
}

/** Fifty steps of one dataset, as an importer sends them. */
async function batchOf(fixture: RegistryFixture, id: Hex, signed: boolean) {
  const { owner, domain, nextRecord, signRecord } = fixture;
  const base = await nextRecord(id, { timestamp: TIMESTAMP });
  const submissions = [];
  let previousHash = base.previousHash;
  for (let i = 0; i < BATCH; i++) {
    const record = {
      ...base,
      previousHash,
      dataHash: digest(`batch ${i}`),
      metadataHash: digest(`metadata ${i}`),
    };
    submissions.push({
      record,
      parents: [],
      agent: addressOf(owner),
      signature: signed ? await signRecord(owner, record) : "0x",
      namespaceId: ZERO_HASH,
      nameHash: ZERO_HASH,
      name: "",
    });
    previousHash = recordHash(domain, record);
  }
  return submissions;
}

async function measureBatches(fixture: RegistryFixture) {
  const { registry, owner, relayer, startDataset } = fixture;
  const { id, hash } = await startDataset("batch.csv", { timestamp: TIMESTAMP });
  const asOwner = registry.connect(owner);
  const batchOf50 = await gasOf(asOwner.submitBatch(await batchOf(fixture, id, false)));
  const batchOf50Signed = await gasOf(
    registry.connect(relayer).submitBatch(await batchOf(fixture, id, true)),
  );
  const reports = Array.from({ length: BATCH }, (_, i) => ({
    dataId: id,
    recordHash: hash,
    reader: digest(`reader ${i}`),
    purpose: encodeOperation("research"),
    metadataHash: ZERO_HASH,
    timestamp: TIMESTAMP,
  }));
  // The first report of a dataset opens its counter: what is measured is a dataset that has been read before.
  await (await asOwner.recordAccesses(reports.slice(0, 1))).wait();
  const accessesOf50 = await gasOf(asOwner.recordAccesses(reports));
  return { batchOf50, batchOf50Signed, accessesOf50 };
}

async function measureEndorsements(fixture: RegistryFixture) {
  const { registry, owner, relayer, others, domain, startDataset, append } = fixture;
  const { id } = await startDataset("endorsed.csv", { timestamp: TIMESTAMP });
  const validators = others.slice(0, 3);
  const policyOf3 = await gasOf(registry.connect(owner).setEndorsementPolicy(id, validators, 2));
  const endorse = async (count: number) => {
    const { hash } = await append(id, { timestamp: TIMESTAMP });
    const endorsements = await Promise.all(
      validators.slice(0, count).map(async (signer) => {
        const validator = addressOf(signer);
        const data = endorsementTypedData(domain, { recordHash: hash, validator, policyVersion: 1n });
        const types = { Endorsement: [...data.types.Endorsement] };
        return { validator, signature: await signer.signTypedData(data.domain, types, data.message) };
      }),
    );
    return gasOf(registry.connect(relayer).endorse(id, hash, endorsements));
  };
  return { policyOf3, endorsementOf1: await endorse(1), endorsementOf3: await endorse(3) };
}

async function measureAnchor({ anchor, admin, owner }: RegistryFixture) {
  await (await anchor.connect(admin).registerLog(ORIGIN, owner)).wait();
  const log = logId(ORIGIN);
  const tree = virtualTree();
  const asOperator = anchor.connect(owner);
  let size = FIRST_SIZE;
  let anchorProofHashes = 0;
  const grow = async (entries: bigint) => {
    const proof = await consistencyPath(size, size + entries, tree.readNode);
    size += entries;
    anchorProofHashes = Math.max(anchorProofHashes, proof.length);
    return gasOf(asOperator.anchor(log, 1, size, await tree.root(size), proof.map(bytesToHex)));
  };
  const anchorFirst = await gasOf(asOperator.anchor(log, 1, size, await tree.root(size), []));
  return {
    anchorFirst,
    anchorAfter1024: await grow(1024n),
    anchorAfter4096: await grow(4096n),
    anchorProofHashes,
  };
}
