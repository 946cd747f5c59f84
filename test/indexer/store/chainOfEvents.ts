import { createHash } from "node:crypto";
import type { BlockHeader } from "../../../indexer/model/chain.ts";
import type { ChainEvent, EventOrigin, RecordEvent } from "../../../indexer/model/event.ts";
import { positionOf } from "../../../indexer/model/position.ts";
import type { RangeCommit } from "../../../indexer/model/store.ts";

/** 32 bytes that depend on the text only. */
export function bytes32(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}

export function bytes20(text: string): Uint8Array {
  return bytes32(text).slice(0, 20);
}

export function word(name: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(Buffer.from(name, "latin1"));
  return bytes;
}

/** Header of a block; `branch` tells two histories of the same height apart. */
export function header(number: bigint, branch = "main", forkAt = 0n): BlockHeader {
  const of = (height: bigint) => bytes32(`${height > forkAt ? branch : "main"} block ${height}`);
  return { number, hash: of(number), parentHash: of(number - 1n), timestamp: 1_700_000_000n + number };
}

export function originOf(block: BlockHeader, logIndex: number): EventOrigin {
  return {
    id: positionOf(block.number, logIndex),
    blockHash: block.hash,
    blockTimestamp: block.timestamp,
    transactionHash: bytes32(`transaction ${block.number} ${logIndex}`),
  };
}

const ZERO = new Uint8Array(32);

/** A record with the given name as its hash; every field can be replaced. */
export function recordEvent(
  origin: EventOrigin,
  name: string,
  fields: Partial<RecordEvent> = {},
): RecordEvent {
  return {
    ...origin,
    kind: "record",
    recordHash: bytes32(name),
    dataId: bytes32(`dataset of ${name}`),
    dataHash: bytes32(`data of ${name}`),
    previousHash: ZERO,
    operation: word("CREATE"),
    metadataHash: ZERO,
    dataOwner: bytes20("owner"),
    agent: bytes20("agent"),
    submitter: bytes20("submitter"),
    sequence: 1n,
    timestamp: 1_600_000_000n,
    parents: [],
    ...fields,
  };
}

/**
 * A block with one event of every kind, and `records` records that continue datasets and join earlier records. The same numbers give
 * the same block.
 */
export function busyBlock(number: bigint, records: number, branch = "main", forkAt = 0n): RangeCommit {
  const block = header(number, branch, forkAt);
  const named = number > forkAt ? branch : "main";
  const events: ChainEvent[] = [];
  const origin = () => originOf(block, events.length);
  const name = (height: bigint, at: number) => `${height > forkAt ? named : "main"} record ${height} ${at}`;
  const subject = bytes32(`subject ${named} ${number}`);
  events.push({
    ...origin(),
    kind: "namespaceRegistered",
    namespaceId: subject,
    owner: bytes20("owner"),
    name: `space "${number}" \\ ü`,
  });
  events.push({
    ...origin(),
    kind: "datasetStarted",
    dataId: subject,
    namespaceId: subject,
    owner: bytes20("owner"),
    nameHash: bytes32(`name ${number}`),
    name: number % 2n === 0n ? null : `set,{${number}}`,
  });
  for (let at = 0; at < records; at++) {
    const first = number === 1n;
    events.push(
      recordEvent(origin(), name(number, at), {
        dataId: bytes32(`dataset ${at}`),
        sequence: number,
        previousHash: first ? ZERO : bytes32(name(number - 1n, at)),
        parents: first
          ? []
          : [bytes32(name(number - 1n, at)), bytes32(name(number - 1n, (at + 1) % records))].sort(
              Buffer.compare,
            ),
        operation: word(at % 2 === 0 ? "TRANSFORM" : "DERIVE"),
        agent: bytes20(`agent ${at % 3}`),
      }),
    );
  }
  const target = bytes32(name(number, 0));
  events.push({
    ...origin(),
    kind: "writerSet",
    scope: "dataset",
    subject,
    writer: bytes20("writer"),
    allowed: number % 2n === 0n,
  });
  events.push({
    ...origin(),
    kind: "transfer",
    scope: "dataset",
    subject,
    phase: "started",
    from: bytes20("owner"),
    to: bytes20("heir"),
  });
  events.push({
    ...origin(),
    kind: "transfer",
    scope: "dataset",
    subject,
    phase: "completed",
    from: bytes20("owner"),
    to: bytes20("heir"),
  });
  events.push({
    ...origin(),
    kind: "superseded",
    recordHash: target,
    byRecordHash: bytes32(name(number, 1)),
    status: "CORRECTED",
  });
  events.push({
    ...origin(),
    kind: "access",
    accessHash: bytes32(`access ${named} ${number}`),
    dataId: subject,
    recordHash: target,
    reader: bytes32("reader"),
    purpose: word("AUDIT"),
    metadataHash: ZERO,
    reporter: bytes20("reporter"),
    sequence: number,
    timestamp: 1_600_000_000n,
  });
  events.push({
    ...origin(),
    kind: "policySet",
    dataId: subject,
    version: 1n,
    threshold: 2n,
    validators: [bytes20("first"), bytes20("second")],
  });
  events.push({
    ...origin(),
    kind: "endorsement",
    endorsementHash: bytes32(`endorsement ${named} ${number}`),
    dataId: subject,
    recordHash: target,
    validator: bytes20("first"),
    policyVersion: 1n,
    count: 1n,
  });
  events.push({ ...origin(), kind: "validated", dataId: subject, recordHash: target, policyVersion: 1n });
  events.push({
    ...origin(),
    kind: "quarantined",
    reason: "LOG_UNKNOWN",
    detail: "topic\0unknown",
    topics: [bytes32("topic"), bytes32("more")],
    data: new Uint8Array([0, 1, 255]),
  });
  return { from: number, to: number, headers: [block], events };
}

/** Several blocks as one range. */
export function joined(commits: readonly RangeCommit[]): RangeCommit {
  const first = commits[0];
  const last = commits.at(-1);
  if (first === undefined || last === undefined) throw new Error("no commits to join");
  return {
    from: first.from,
    to: last.to,
    headers: commits.flatMap(({ headers }) => headers),
    events: commits.flatMap(({ events }) => events),
  };
}
