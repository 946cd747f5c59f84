import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChainSource, ChainUpdate, RawLog } from "../../../indexer/model/chain.ts";
import type { ChainEvent } from "../../../indexer/model/event.ts";
import type { ChainStore } from "../../../indexer/model/store.ts";
import { runChainLoop } from "../../../indexer/pipeline/chainLoop.ts";
import { errorTable } from "../../../protocol/errorTable.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { NO_PARENTS_HASH } from "../../../protocol/parents.ts";
import { recordHash } from "../../../protocol/record.ts";
import { recordMetrics, silentLogger } from "../../helpers/observation.ts";
import { DOMAIN, encodeSample } from "../decode/samples.ts";

const word = (digits: string) => `0x${digits.repeat(32)}` as const;
const record = {
  dataId: word("01"),
  dataHash: word("02"),
  previousHash: word("00"),
  operation: encodeOperation("CREATE"),
  metadataHash: word("03"),
  dataOwner: `0x${"04".repeat(20)}`,
  timestamp: 1_700_000_000n,
} as const;

function recordedAs(hash: string, logIndex: number): RawLog {
  const agent = record.dataOwner;
  const args = { ...record, recordHash: hash, agent, submitter: agent, sequence: 1n, parents: [] };
  return encodeSample("ProvenanceRecorded", args, { logIndex }).log;
}

/** What the loop hands to the store of a chain that says one range. */
async function stored(logs: readonly RawLog[], metrics = recordMetrics()): Promise<readonly ChainEvent[]> {
  const stop = new AbortController();
  const header = { number: 7n, hash: new Uint8Array(32), parentHash: new Uint8Array(32), timestamp: 1n };
  const update: ChainUpdate = { type: "range", from: 7n, to: 7n, headers: [header], logs, head: 7n };
  const source: Pick<ChainSource, "follow" | "health"> = {
    async *follow() {
      yield update;
    },
    health: () => ({ head: 7n, headAgeMs: 0, nodeError: null }),
  };
  const events: ChainEvent[] = [];
  const chain: Omit<ChainStore, "claim"> = {
    position: async () => ({ cursor: null, finalized: null, window: [] }),
    commitRange: async (commit) => {
      events.push(...commit.events);
      stop.abort();
    },
    finalize: async () => {},
    rewind: async () => {},
  };
  await runChainLoop(
    { source, chain, logger: silentLogger, metrics, onFinalized: () => {} },
    { domain: DOMAIN, signal: stop.signal, queueBytes: 1 },
  );
  return events;
}

test("a record whose hash isn't the hash of its fields is quarantined, and its neighbours are kept", async () => {
  const honest = recordHash(DOMAIN, { ...record, parentsHash: NO_PARENTS_HASH });
  const metrics = recordMetrics();
  const events = await stored(
    [recordedAs(honest, 0), recordedAs(word("0f"), 1), recordedAs(honest, 2)],
    metrics,
  );
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["record", "quarantined", "record"],
  );
  const [, forged] = events;
  assert.equal(forged?.kind === "quarantined" && forged.reason, errorTable.EVENT_INCONSISTENT.code);
  assert.equal(metrics.value("stemma_decode_quarantined_total"), 1);
});

test("a record that was hashed for another chain is quarantined", async () => {
  const elsewhere = recordHash({ ...DOMAIN, chainId: 1n }, { ...record, parentsHash: NO_PARENTS_HASH });
  const events = await stored([recordedAs(elsewhere, 0)]);
  assert.equal(events[0]?.kind, "quarantined");
});
