import fc from "fast-check";
import {
  type AbiEvent,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  keccak256,
  stringToBytes,
  stringToHex,
} from "viem";
import type { RawLog } from "../../../indexer/model/chain.ts";
import { accessHash } from "../../../protocol/access.ts";
import { dataIdOf } from "../../../protocol/dataset.ts";
import { endorsementHash } from "../../../protocol/endorsement.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { parentsHash, sortParents } from "../../../protocol/parents.ts";
import { recordHash } from "../../../protocol/record.ts";
import { interfaceEvents } from "./interfaceEvents.ts";

export const REGISTRY = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
export const DOMAIN = { chainId: 31337n, registry: REGISTRY } as const;

/** An event with the arguments that it was encoded from. */
export type Sample = { event: AbiEvent; args: Record<string, unknown>; log: RawLog };

const events = new Map(interfaceEvents().map((event) => [event.name, event]));

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value): Hex => `0x${Buffer.from(value).toString("hex")}`);
const word = hex(32);
const address = hex(20);
const uint63 = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const operation = fc.stringMatching(/^[!-~]{1,31}$/).map(encodeOperation);
// viem drops a byte order mark, which we keep: it is part of the name.
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 100 })
  .filter((value) => !value.startsWith("\ufeff"));

export function encodeSample(name: string, args: Record<string, unknown>, at: Partial<RawLog> = {}): Sample {
  const event = events.get(name);
  if (!event) throw new TypeError(`no event ${name}`);
  const plain = event.inputs.filter((input) => !input.indexed);
  const log: RawLog = {
    address: REGISTRY,
    topics: encodeEventTopics({ abi: [event], args }).map(String),
    data: encodeAbiParameters(
      plain,
      plain.map((input) => args[input.name ?? ""]),
    ),
    blockNumber: 7n,
    blockHash: `0x${"b7".repeat(32)}`,
    blockTimestamp: 1_700_000_000n,
    transactionHash: `0x${"77".repeat(32)}`,
    logIndex: 3,
    ...at,
  };
  return { event, args, log };
}

const record = fc
  .record({
    dataId: word,
    agent: address,
    submitter: address,
    sequence: fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }),
    timestamp: uint63,
    dataOwner: address,
    dataHash: word,
    previous: word,
    operation,
    metadataHash: word,
    parents: fc.array(word, { maxLength: 5 }).map(sortParents),
  })
  .map(({ previous, ...fields }) => {
    const previousHash: Hex = fields.sequence === 1n ? `0x${"00".repeat(32)}` : previous;
    const hash = recordHash(DOMAIN, { ...fields, previousHash, parentsHash: parentsHash(fields.parents) });
    return encodeSample("ProvenanceRecorded", { ...fields, previousHash, recordHash: hash });
  });

const access = fc
  .record({
    dataId: word,
    recordHash: word,
    reader: word,
    purpose: operation,
    metadataHash: word,
    reporter: address,
    sequence: uint63,
    timestamp: uint63,
  })
  .map((fields) => encodeSample("AccessRecorded", { ...fields, accessHash: accessHash(DOMAIN, fields) }));

const endorsement = fc
  .record({
    dataId: word,
    recordHash: word,
    validator: address,
    policyVersion: uint63,
    endorsementCount: uint63,
  })
  .map((fields) =>
    encodeSample("RecordEndorsed", { ...fields, endorsementHash: endorsementHash(DOMAIN, fields) }),
  );

const namespace = fc.record({ namespace: text, owner: address }).map((fields) =>
  encodeSample("NamespaceRegistered", {
    ...fields,
    namespaceId: keccak256(stringToBytes(fields.namespace)),
  }),
);

const dataset = fc
  .record({ namespaceId: word, name: fc.oneof(text, fc.constant("")), owner: address })
  .map((fields) => {
    const nameHash = keccak256(stringToHex(fields.name));
    return encodeSample("DatasetStarted", {
      ...fields,
      nameHash,
      dataId: dataIdOf(fields.namespaceId, nameHash),
    });
  });

const membership = (name: string, subject: string) =>
  fc
    .record({ [subject]: word, writer: address, allowed: fc.boolean() })
    .map((args) => encodeSample(name, args));
const transfer = (name: string, subject: string) =>
  fc.record({ [subject]: word, from: address, to: address }).map((args) => encodeSample(name, args));

const superseded = fc
  .record({ recordHash: word, byRecordHash: word, status: fc.constantFrom(2, 3, 4) })
  .map((args) => encodeSample("RecordSuperseded", args));
const policy = fc
  .record({ dataId: word, version: uint63, validators: fc.array(address, { maxLength: 5 }) })
  .map((args) =>
    encodeSample("EndorsementPolicySet", { ...args, threshold: BigInt(args.validators.length) }),
  );
const validated = fc
  .record({ dataId: word, recordHash: word, policyVersion: uint63 })
  .map((args) => encodeSample("RecordValidated", args));

/** Any event that an honest registry could emit. */
export const sample: fc.Arbitrary<Sample> = fc.oneof(
  { arbitrary: record, weight: 4 },
  access,
  endorsement,
  namespace,
  dataset,
  membership("NamespaceWriterSet", "namespaceId"),
  membership("DatasetWriterSet", "dataId"),
  transfer("NamespaceTransferStarted", "namespaceId"),
  transfer("NamespaceTransferred", "namespaceId"),
  transfer("DatasetTransferStarted", "dataId"),
  transfer("DatasetTransferred", "dataId"),
  superseded,
  policy,
  validated,
);

export const recordSample: fc.Arbitrary<Sample> = record;
