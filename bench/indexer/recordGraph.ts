import type { BlockHeader } from "../../indexer/model/chain.ts";
import type { RecordEvent } from "../../indexer/model/event.ts";
import { positionOf } from "../../indexer/model/position.ts";
import type { RangeCommit } from "../../indexer/model/store.ts";

/**
 * A lineage graph that grows without end, the same every time. Record `i` continues one of `DATASETS` datasets and derives from two
 * more records: one near, so that branches join again soon (diamonds), and one anywhere before, so that nothing stays in a cache.
 */
const DATASETS = 1_000;
const NEAR = 200;
const RECORDS_PER_BLOCK = 500;
const ZERO = new Uint8Array(32);

/** Blocks `from..to` as one range of the store; block numbers start at 1. */
export function graphRange(from: number, to: number): RangeCommit {
  const events: RecordEvent[] = [];
  for (let number = from; number <= to; number++) {
    const blockHash = hash32(number, 7);
    for (let at = 0; at < RECORDS_PER_BLOCK; at++) {
      events.push(record((number - 1) * RECORDS_PER_BLOCK + at, number, at, blockHash));
    }
  }
  const last: BlockHeader = {
    number: BigInt(to),
    hash: hash32(to, 7),
    parentHash: hash32(to - 1, 7),
    timestamp: BigInt(1_700_000_000 + to),
  };
  return { from: BigInt(from), to: BigInt(to), headers: [last], events };
}

/** Position of the n-th record of the graph, from 0. */
export function graphPosition(index: number): bigint {
  return positionOf(BigInt(Math.floor(index / RECORDS_PER_BLOCK) + 1), index % RECORDS_PER_BLOCK);
}

export function blocksFor(records: number): number {
  return Math.ceil(records / RECORDS_PER_BLOCK);
}

function record(index: number, block: number, at: number, blockHash: Uint8Array): RecordEvent {
  const dataset = index % DATASETS;
  const parents: Uint8Array[] = [];
  if (index > NEAR) {
    const near = index - 1 - (mix(index, 11) % NEAR);
    const far = mix(index, 13) % index;
    parents.push(hash32(near, 1));
    if (far !== near) parents.push(hash32(far, 1));
    parents.sort(Buffer.compare);
  }
  return {
    kind: "record",
    id: positionOf(BigInt(block), at),
    blockHash,
    blockTimestamp: BigInt(1_700_000_000 + block),
    transactionHash: hash32(Math.floor(index / 50), 2),
    recordHash: hash32(index, 1),
    dataId: hash32(dataset, 3),
    dataHash: hash32(index, 4),
    previousHash: index < DATASETS ? ZERO : hash32(index - DATASETS, 1),
    operation: OPERATION,
    metadataHash: ZERO,
    dataOwner: hash32(dataset % 50, 5).subarray(0, 20),
    agent: hash32(dataset % 50, 6).subarray(0, 20),
    submitter: hash32(dataset % 50, 6).subarray(0, 20),
    sequence: BigInt(Math.floor(index / DATASETS) + 1),
    timestamp: BigInt(1_700_000_000 + block),
    parents,
  };
}

const OPERATION = (() => {
  const word = new Uint8Array(32);
  word.set(Buffer.from("TRANSFORM", "latin1"));
  return word;
})();

/** Spread like a real hash, which is what an index feels, at a fraction of the cost. Many share a buffer, as decoded ones do. */
function hash32(index: number, salt: number): Uint8Array {
  if (poolAt + 32 > pool.length) {
    pool = new Uint8Array(POOL_BYTES);
    poolAt = 0;
  }
  const bytes = pool.subarray(poolAt, poolAt + 32);
  poolAt += 32;
  let state = mix(index, salt);
  for (let at = 0; at < 32; at += 4) {
    bytes[at] = state >>> 24;
    bytes[at + 1] = state >>> 16;
    bytes[at + 2] = state >>> 8;
    bytes[at + 3] = state;
    state = mix(state ^ index, at + salt);
  }
  return bytes;
}

const POOL_BYTES = 64 * 1024;
let pool = new Uint8Array(POOL_BYTES);
let poolAt = 0;

/** The finisher of MurmurHash3 over an index and a salt. */
function mix(index: number, salt: number): number {
  let state = (index ^ Math.imul(salt, 0x9e3779b1)) >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
