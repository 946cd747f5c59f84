import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeEventLog, type Hex, toEventSelector } from "viem";
import { decodeLogs } from "../../../indexer/decode/decodeLogs.ts";
import type { ChainEvent } from "../../../indexer/model/event.ts";
import { bytesToHex } from "../../../protocol/bytes.ts";
import { errorTable } from "../../../protocol/errorTable.ts";
import { keccak256 } from "../../../protocol/hash.ts";
import { eventTopic, REGISTRY_EVENTS } from "../../../protocol/registryEvents.ts";
import { interfaceEvents } from "./interfaceEvents.ts";
import { DOMAIN, encodeSample, REGISTRY, recordSample, type Sample, sample } from "./samples.ts";

const options = { registry: REGISTRY, domain: DOMAIN };
/** Our names of fields where they differ from the contract's. */
const RENAMED: Readonly<Record<string, string>> = {
  namespace: "name",
  endorsementCount: "count",
};
const SUBJECTS = ["namespaceId", "dataId"];
const STATUSES = ["UNKNOWN", "ACTIVE", "CORRECTED", "REVOKED", "ERASED"];

test("the table of topics holds exactly the events of the Solidity interface", () => {
  const ours = Object.values(REGISTRY_EVENTS).map(eventTopic).sort();
  assert.deepEqual(ours, interfaceEvents().map(toEventSelector).sort());
});

test("every event decodes to the values that viem reads", () => {
  fc.assert(
    fc.property(sample, (given) => {
      const [event] = decodeLogs([given.log], options);
      assert.ok(event);
      assert.notEqual(event.kind, "quarantined", JSON.stringify(event, plain));
      compareWithViem(given, event);
    }),
    { numRuns: 500 },
  );
});

test("events keep the order and the origin of their logs", () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 20 }), (samples) => {
      const logs = samples.map(({ log }, index) => ({ ...log, logIndex: index }));
      const events = decodeLogs(logs, options);
      assert.deepEqual(
        events.map((event) => event.id),
        logs.map((_, index) => (7n << 20n) | BigInt(index)),
      );
      for (const event of events) {
        assert.equal(toHex(event.transactionHash), logs[0]?.transactionHash);
        assert.equal(toHex(event.blockHash), logs[0]?.blockHash);
        assert.equal(event.blockTimestamp, 1_700_000_000n);
      }
    }),
    { numRuns: 50 },
  );
});

test("mutated logs never throw, and never pass for the original", () => {
  const mutation = fc.record({
    sample,
    part: fc.constantFrom<"data" | "topic" | "cut" | "grow" | "dropTopic" | "garbage">(
      "data",
      "topic",
      "cut",
      "grow",
      "dropTopic",
      "garbage",
    ),
    at: fc.nat(),
    digit: fc.constantFrom(..."0123456789abcdefx"),
  });
  fc.assert(
    fc.property(mutation, ({ sample: { log }, part, at, digit }) => {
      const topics = [...log.topics];
      let { data } = log;
      const which = 1 + (at % Math.max(1, topics.length - 1));
      if (part === "data") data = replaceAt(data, at, digit);
      if (part === "topic") topics[which] = replaceAt(topics[which] ?? "", at, digit);
      if (part === "cut") data = data.slice(0, 2 + (at % Math.max(1, data.length - 2)));
      if (part === "grow") data += digit.repeat(1 + (at % 64));
      if (part === "dropTopic") topics.splice(which, 1);
      if (part === "garbage") data = digit.repeat(at % 100);
      const [original] = decodeLogs([log], options);
      const events = decodeLogs([{ ...log, topics, data }], options);
      assert.equal(events.length, 1);
      const same = data === log.data && topics.every((topic, index) => topic === log.topics[index]);
      if (!same || topics.length !== log.topics.length) assert.notDeepEqual(events[0], original);
    }),
    { numRuns: 2_000 },
  );
});

test("one changed digit of a record is always noticed when the domain is known", () => {
  const change = fc.record({
    given: recordSample,
    topic: fc.boolean(),
    at: fc.nat(),
    digit: fc.constantFrom(..."0123456789abcdef"),
  });
  // Agent, submitter and sequence aren't part of the hash: the contract vouches for them alone.
  const isHashed = (position: number) => position >= 2 + 64 * 2;
  fc.assert(
    fc.property(change, ({ given: { log }, topic, at, digit }) => {
      const topics = [...log.topics];
      let { data } = log;
      if (topic) topics[2] = replaceAt(topics[2] ?? "", at, digit);
      else {
        const position = at % (data.length - 2);
        if (!isHashed(position + 2)) return;
        data = replaceAt(data, position, digit);
      }
      if (data === log.data && topics[2] === log.topics[2]) return;
      const [event] = decodeLogs([{ ...log, topics, data }], options);
      assert.equal(event?.kind, "quarantined");
    }),
    { numRuns: 500 },
  );
});

test("logs of other addresses are ignored, even with the topics of ours", () => {
  const { log } = encodeSample("RecordValidated", {
    dataId: `0x${"01".repeat(32)}`,
    recordHash: `0x${"02".repeat(32)}`,
    policyVersion: 1n,
  });
  assert.deepEqual(decodeLogs([{ ...log, address: `0x${"99".repeat(20)}` }], options), []);
  const shouted = { ...log, address: `0x${REGISTRY.slice(2).toUpperCase()}` };
  assert.equal(decodeLogs([shouted], options)[0]?.kind, "validated");
});

test("administrative events of the registry are passed over, unknown ones set aside", () => {
  const { log } = encodeSample("RecordValidated", {
    dataId: `0x${"01".repeat(32)}`,
    recordHash: `0x${"02".repeat(32)}`,
    policyVersion: 1n,
  });
  assert.deepEqual(decodeLogs([{ ...log, topics: [eventTopic("Paused(address)")] }], options), []);
  for (const topics of [[eventTopic("Transfer(address,address,uint256)")], []]) {
    const [event] = decodeLogs([{ ...log, topics }], options);
    assert.equal(event?.kind === "quarantined" && event.reason, errorTable.EVENT_UNKNOWN.code);
  }
});

test("a quarantined log keeps its topics and data", () => {
  const { log } = encodeSample("RecordValidated", {
    dataId: `0x${"01".repeat(32)}`,
    recordHash: `0x${"02".repeat(32)}`,
    policyVersion: 1n,
  });
  const [event] = decodeLogs([{ ...log, data: `${log.data}00` }], options);
  assert.ok(event?.kind === "quarantined");
  assert.equal(event.reason, errorTable.EVENT_MALFORMED.code);
  assert.deepEqual(event.topics.map(toHex), log.topics);
  assert.equal(toHex(event.data), `${log.data}00`);
});

test("a name that isn't UTF-8 or holds a NUL is null, and the event stands", () => {
  const owner = `0x${"0a".repeat(20)}`;
  const cases: [name: string, bytes: string][] = [
    ["NUL", "610062"],
    ["overlong", "c0af"],
    ["cut", "e282"],
    ["surrogate", "eda080"],
  ];
  for (const [, bytes] of cases) {
    const { log } = encodeSample("NamespaceRegistered", { namespaceId: idOf(bytes), owner, namespace: "" });
    const length = (bytes.length / 2).toString(16).padStart(64, "0");
    const data = `0x${"20".padStart(64, "0")}${length}${bytes.padEnd(64, "0")}`;
    const [event] = decodeLogs([{ ...log, data }], options);
    assert.ok(event?.kind === "namespaceRegistered", JSON.stringify(event, plain));
    assert.equal(event.name, null);
  }
});

test("contradictions inside a record are set aside", () => {
  const [given] = fc.sample(recordSample, { numRuns: 1, seed: 1 });
  assert.ok(given);
  const faults: Record<string, unknown>[] = [
    { sequence: 0n },
    { sequence: 1n, previousHash: `0x${"01".repeat(32)}` },
    { sequence: 2n, previousHash: `0x${"00".repeat(32)}` },
    { operation: `0x${"00".repeat(32)}` },
    { operation: `0x41${"00".repeat(30)}41` },
    { parents: [`0x${"02".repeat(32)}`, `0x${"01".repeat(32)}`] },
    { parents: [`0x${"02".repeat(32)}`, `0x${"02".repeat(32)}`] },
  ];
  for (const fault of faults) {
    const { log } = encodeSample("ProvenanceRecorded", { ...given.args, ...fault });
    const [event] = decodeLogs([log], { registry: REGISTRY });
    assert.equal(event?.kind === "quarantined" && event.reason, errorTable.EVENT_INCONSISTENT.code);
  }
  const { log } = encodeSample("ProvenanceRecorded", { ...given.args, timestamp: 1n << 63n });
  const [event] = decodeLogs([log], { registry: REGISTRY });
  assert.equal(event?.kind === "quarantined" && event.reason, errorTable.EVENT_MALFORMED.code);
});

function compareWithViem({ event: abi, log }: Sample, event: ChainEvent): void {
  const topics = log.topics as [Hex, ...Hex[]];
  const { args } = decodeEventLog({ abi: [abi], topics, data: log.data as Hex });
  const ours = event as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(args as Record<string, unknown>)) {
    const key = RENAMED[name] ?? (SUBJECTS.includes(name) && "subject" in ours ? "subject" : name);
    assert.deepEqual(normal(ours[key]), expected(event, name, value), `${abi.name}.${name}`);
  }
}

function expected(event: ChainEvent, name: string, value: unknown): unknown {
  if (name === "status") return STATUSES[Number(value)];
  const isName = event.kind === "namespaceRegistered" || event.kind === "datasetStarted";
  if (isName && (name === "name" || name === "namespace")) {
    return value === "" || String(value).includes("\0") ? null : value;
  }
  return normal(value);
}

/** Bytes and addresses as lower-case hex. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(normal);
  return typeof value === "string" && value.startsWith("0x") ? value.toLowerCase() : value;
}

function replaceAt(text: string, at: number, digit: string): string {
  if (text.length <= 2) return text;
  const position = 2 + (at % (text.length - 2));
  return text.slice(0, position) + digit + text.slice(position + 1);
}

function idOf(bytes: string): Hex {
  return bytesToHex(keccak256(Buffer.from(bytes, "hex")));
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
