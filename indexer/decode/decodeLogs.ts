import type { RecordDomain } from "../../protocol/eip712.ts";
import type { RawLog } from "../model/chain.ts";
import type { ChainEvent, EventOrigin, QuarantinedEvent } from "../model/event.ts";
import { positionOf } from "../model/position.ts";
import { type Defect, malformed, unknownEvent } from "./defect.ts";
import { createDigests } from "./digests.ts";
import { eventTable } from "./eventTable.ts";
import { type LogBytes, WORD, writeHex } from "./logBytes.ts";

const MAX_TOPICS = 4;

export type DecodeOptions = {
  /** Address of the ProvenanceRegistry. */
  readonly registry: string;
  /**
   * Given, every record, access and endorsement hash is computed anew from its fields and a mismatch set aside. It costs about 3 µs
   * an event.
   */
  readonly domain?: RecordDomain;
};

/**
 * The events in `logs`, in their order. Logs of other addresses, and events that don't concern records, are left out. A log of the
 * registry that can't be understood becomes a {@link QuarantinedEvent} whose `reason` is the code of EVENT_UNKNOWN, EVENT_MALFORMED or
 * EVENT_INCONSISTENT. Byte arrays of the events are views of one buffer that the whole call shares: MUST NOT be written to.
 *
 * @throws INVALID_HEX, INVALID_NUMBER where `domain` is none. No log makes it throw.
 * @example
 * decodeLogs(update.logs, { registry: "0x5fbdb2315678afecb367f032d93f642f64180aa3" }); // [{ kind: "record", ... }]
 */
export function decodeLogs(logs: readonly RawLog[], options: DecodeOptions): ChainEvent[] {
  const registry = options.registry.toLowerCase();
  const digests = options.domain ? createDigests(options.domain) : null;
  const bytes = createLogBytes(logs);
  const originOf = createOrigins(logs.length);
  const events: ChainEvent[] = [];
  let free = 0;
  for (const log of logs) {
    if (log.address !== registry && log.address.toLowerCase() !== registry) continue;
    const topic = log.topics[0];
    const entry =
      topic === undefined ? undefined : (eventTable.get(topic) ?? eventTable.get(topic.toLowerCase()));
    if (entry === null) continue;
    const origin = originOf(log);
    if (entry === undefined) {
      events.push(quarantine(log, origin, unknownEvent(topic ?? "no topic")));
      continue;
    }
    const end = fill(bytes, log, free);
    const decoded =
      end < 0 ? malformed("not hex, or a topic isn't 32 bytes") : entry.decode(bytes, origin, digests);
    if (decoded.kind === "defect") {
      events.push(quarantine(log, origin, { ...decoded, detail: `${entry.name}: ${decoded.detail}` }));
    } else {
      events.push(decoded);
      free = end;
    }
  }
  return events;
}

function createLogBytes(logs: readonly RawLog[]): LogBytes {
  let size = 0;
  for (const log of logs) size += MAX_TOPICS * WORD + log.data.length / 2;
  const slab = new Uint8Array(Math.ceil(size));
  const view = new DataView(slab.buffer);
  return { slab, view, topicCount: 0, topicsStart: 0, dataStart: 0, dataEnd: 0 };
}

/** Puts topics 1 to 3 and the data at `start`; returns the end, -1 where something isn't hex of its length. */
function fill(bytes: LogBytes, log: RawLog, start: number): number {
  const { topics } = log;
  if (topics.length > MAX_TOPICS) return -1;
  bytes.topicCount = topics.length;
  bytes.topicsStart = start;
  let at = start;
  for (let i = 1; i < topics.length; i++) {
    const topic = topics[i];
    if (topic === undefined || topic.length !== 2 + 2 * WORD) return -1;
    at = writeHex(bytes.slab, at, topic);
    if (at < 0) return -1;
  }
  bytes.dataStart = at;
  bytes.dataEnd = writeHex(bytes.slab, at, log.data);
  return bytes.dataEnd;
}

/** Neighbouring logs share their block and often their transaction, so both hashes are kept until they change. */
function createOrigins(count: number): (log: RawLog) => EventOrigin {
  const slab = new Uint8Array(count * 2 * WORD);
  let free = 0;
  let block = { text: "", bytes: new Uint8Array(0) };
  let transaction = block;
  const hashOf = (text: string) => {
    const bytes = slab.subarray(free, free + WORD);
    if (text.length === 2 + 2 * WORD) writeHex(slab, free, text);
    free += WORD;
    return { text, bytes };
  };
  return (log) => {
    if (log.blockHash !== block.text) block = hashOf(log.blockHash);
    if (log.transactionHash !== transaction.text) transaction = hashOf(log.transactionHash);
    return {
      id: positionOf(log.blockNumber, log.logIndex),
      blockHash: block.bytes,
      blockTimestamp: log.blockTimestamp,
      transactionHash: transaction.bytes,
    };
  };
}

function quarantine(log: RawLog, origin: EventOrigin, defect: Defect): QuarantinedEvent {
  return {
    kind: "quarantined",
    ...origin,
    reason: defect.reason,
    detail: defect.detail,
    topics: log.topics.map(lenientBytes),
    data: lenientBytes(log.data),
  };
}

/** What can be read of a text that should be hex: everything, or nothing. */
function lenientBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.ceil(hex.length / 2) - 1));
  return writeHex(bytes, 0, hex) < 0 ? new Uint8Array(0) : bytes;
}
