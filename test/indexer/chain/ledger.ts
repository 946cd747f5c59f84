import { decodeLogs } from "../../../indexer/decode/decodeLogs.ts";
import type { BlockHeader, ChainPosition, ChainSource, ChainUpdate } from "../../../indexer/model/chain.ts";
import type { ChainEvent } from "../../../indexer/model/event.ts";
import { blockOf } from "../../../indexer/model/position.ts";
import { bytesToHex } from "../../../protocol/bytes.ts";

/** What a store would hold, in memory, with the promises of the stream checked at each step. */
export type Ledger = {
  readonly events: () => readonly ChainEvent[];
  readonly position: () => ChainPosition;
  readonly updates: readonly ChainUpdate[];
  readonly apply: (update: ChainUpdate) => void;
};

export function createLedger(registry: string, startBlock = 0n): Ledger {
  let events: ChainEvent[] = [];
  let cursor: BlockHeader | null = null;
  let finalized: BlockHeader | null = null;
  let window: BlockHeader[] = [];
  const updates: ChainUpdate[] = [];
  const demand = (isTrue: boolean, what: string) => {
    if (!isTrue) throw new Error(`broken promise: ${what}`);
  };
  return {
    events: () => events,
    position: () => ({ cursor, finalized, window: [...window] }),
    updates,
    apply(update) {
      updates.push(update);
      if (update.type === "range") {
        const next = cursor ? cursor.number + 1n : startBlock;
        demand(update.from === next, `range from ${update.from}, expected ${next}`);
        const last = update.headers.at(-1);
        demand(last?.number === update.to, "the last header is the range's end");
        const [first] = update.headers;
        if (cursor && first?.number === next)
          demand(bytesToHex(first.parentHash) === bytesToHex(cursor.hash), "linked to the cursor");
        events = [...events, ...decodeLogs(update.logs, { registry })];
        window.push(...update.headers);
        cursor = last ?? cursor;
      } else if (update.type === "reorg") {
        demand(
          finalized === null || update.ancestor.number >= finalized.number,
          "nothing final is taken back",
        );
        events = events.filter((event) => blockOf(event.id) <= update.ancestor.number);
        window = window.filter((header) => header.number <= update.ancestor.number);
        cursor = update.ancestor;
      } else if (update.type === "finalized") {
        demand(finalized === null || update.block.number > finalized.number, "finality only rises");
        finalized = update.block;
        window = window.filter((header) => header.number > update.block.number);
      }
    },
  };
}

/** Applies updates until `isDone` holds after one of them, or fails after `timeoutMs`. */
export async function followUntil(
  source: ChainSource,
  ledger: Ledger,
  isDone: (update: ChainUpdate) => boolean,
  timeoutMs = 20_000,
): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    for await (const update of source.follow(ledger.position(), stop.signal)) {
      ledger.apply(update);
      if (isDone(update)) return;
    }
    throw new Error(`nothing came in ${timeoutMs} ms; health: ${JSON.stringify(source.health(), plain)}`);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** True once the ledger holds the block `number`. */
export function reached(ledger: Ledger, number: bigint): () => boolean {
  return () => (ledger.position().cursor?.number ?? -1n) >= number;
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
