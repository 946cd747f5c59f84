import type { Interface, Log } from "ethers";
import type { Hex } from "../../../protocol/bytes.ts";
import { parentsHash } from "../../../protocol/parents.ts";
import type { ProvenanceRecord } from "../../../protocol/record.ts";

type Policy = { version: bigint; threshold: bigint; validators: string[] };
type Owned = { owner: string; pendingOwner: string; writers: Map<string, boolean> };
type Dataset = Owned & { namespaceId: string; history: Hex[]; policy: Policy };
type StoredRecord = {
  fields: ProvenanceRecord;
  blockNumber: bigint;
  sequence: bigint;
  policyVersion: bigint;
  status: bigint;
  endorsementCount: bigint;
  validated: boolean;
};

const NOBODY = `0x${"00".repeat(20)}`;
const ACTIVE = 1n;

/**
 * The registry's state as its logs tell it. Throws where they contradict themselves: a gap in a history, a count that doesn't rise.
 */
export function rebuild(contract: Interface, logs: readonly Log[]) {
  const namespaces = new Map<string, Owned>();
  const datasets = new Map<string, Dataset>();
  const records = new Map<string, StoredRecord>();
  const accessCounts = new Map<string, bigint>();

  function known<Value>(map: Map<string, Value>, key: string): Value {
    const value = map.get(key);
    if (value === undefined) throw new Error(`${key} was never announced`);
    return value;
  }

  for (const log of logs) {
    const event = contract.parseLog(log);
    if (!event) continue;
    const { args } = event;
    switch (event.name) {
      case "NamespaceRegistered":
        namespaces.set(args.namespaceId, { owner: args.owner, pendingOwner: NOBODY, writers: new Map() });
        break;
      case "NamespaceWriterSet":
        known(namespaces, args.namespaceId).writers.set(args.writer, args.allowed);
        break;
      case "NamespaceTransferStarted":
        known(namespaces, args.namespaceId).pendingOwner = args.to;
        break;
      case "NamespaceTransferred":
        Object.assign(known(namespaces, args.namespaceId), { owner: args.to, pendingOwner: NOBODY });
        break;
      case "DatasetStarted":
        datasets.set(args.dataId, {
          owner: args.owner,
          pendingOwner: NOBODY,
          writers: new Map(),
          namespaceId: args.namespaceId,
          history: [],
          policy: { version: 0n, threshold: 0n, validators: [] },
        });
        break;
      case "DatasetWriterSet":
        known(datasets, args.dataId).writers.set(args.writer, args.allowed);
        break;
      case "DatasetTransferStarted":
        known(datasets, args.dataId).pendingOwner = args.to;
        break;
      case "DatasetTransferred":
        Object.assign(known(datasets, args.dataId), { owner: args.to, pendingOwner: NOBODY });
        break;
      case "EndorsementPolicySet":
        known(datasets, args.dataId).policy = {
          version: args.version,
          threshold: args.threshold,
          validators: [...args.validators],
        };
        break;
      case "ProvenanceRecorded": {
        const dataset = known(datasets, args.dataId);
        const head = dataset.history.at(-1) ?? `0x${"00".repeat(32)}`;
        if (args.previousHash !== head) throw new Error(`${args.recordHash} doesn't follow the head`);
        if (args.dataOwner !== dataset.owner) throw new Error(`${args.recordHash} names another owner`);
        dataset.history.push(args.recordHash);
        if (args.sequence !== BigInt(dataset.history.length))
          throw new Error(`${args.recordHash} is misnumbered`);
        const { dataId, dataHash, previousHash, operation, metadataHash, dataOwner, timestamp } = args;
        records.set(args.recordHash, {
          fields: {
            dataId,
            dataHash,
            previousHash,
            parentsHash: parentsHash([...args.parents]),
            operation,
            metadataHash,
            dataOwner: dataOwner.toLowerCase(),
            timestamp,
          },
          blockNumber: BigInt(log.blockNumber),
          sequence: args.sequence,
          policyVersion: dataset.policy.validators.length === 0 ? 0n : dataset.policy.version,
          status: ACTIVE,
          endorsementCount: 0n,
          validated: false,
        });
        break;
      }
      case "RecordSuperseded":
        known(records, args.byRecordHash);
        known(records, args.recordHash).status = args.status;
        break;
      case "RecordEndorsed":
        known(records, args.recordHash).endorsementCount = args.endorsementCount;
        break;
      case "RecordValidated":
        known(records, args.recordHash).validated = true;
        break;
      case "AccessRecorded": {
        const count = (accessCounts.get(args.dataId) ?? 0n) + 1n;
        if (args.sequence !== count) throw new Error(`${args.accessHash} is misnumbered`);
        accessCounts.set(args.dataId, count);
        break;
      }
    }
  }

  /** The same rule as the contract's. */
  function isWriter(id: string, account: string): boolean {
    const dataset = known(datasets, id);
    const may = ({ owner, writers }: Owned) => owner === account || writers.get(account) === true;
    return may(dataset) || may(known(namespaces, dataset.namespaceId));
  }

  return { datasets, records, isWriter };
}
