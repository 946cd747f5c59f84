import type { ChangeFeed, ChangeNotice } from "../model/reader.ts";
import type { Sql } from "./connect.ts";
import type { Transaction } from "./lane.ts";

const CHANNEL = "stemma_changes";

/** Tells every listener once the transaction has committed. Positions only: a payload holds at most 8 kB. */
export async function notify(tx: Transaction, notice: ChangeNotice): Promise<void> {
  const payload = JSON.stringify(notice, (_, value) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  await tx`SELECT pg_notify(${CHANNEL}, ${payload})`;
}

/**
 * Listens to what other connections and processes commit. After each (re)connection it delivers a notice of each type with where
 * things stand, because what was said in between is lost.
 */
export function createChangeFeed(
  listener: Sql,
  readPositions: () => Promise<readonly ChangeNotice[]>,
): { feed: ChangeFeed; close: () => Promise<void> } {
  const listeners = new Set<(notice: ChangeNotice) => void>();
  let started = false;
  let closed = false;

  const deliver = (notice: ChangeNotice) => {
    for (const each of listeners) each(notice);
  };
  const catchUp = async () => {
    for (let delayMs = 100; !closed; delayMs = Math.min(delayMs * 2, 5_000)) {
      try {
        for (const notice of await readPositions()) deliver(notice);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      }
    }
  };
  const start = () => {
    // The driver tries again after each lost connection, a first one that fails included.
    listener
      .listen(
        CHANNEL,
        (payload) => deliver(parseNotice(payload)),
        () => void catchUp(),
      )
      .catch(() => undefined);
  };

  return {
    feed: {
      subscribe: (listen) => {
        listeners.add(listen);
        if (!started) start();
        started = true;
        return () => listeners.delete(listen);
      },
    },
    close: async () => {
      closed = true;
      listeners.clear();
      await listener.end({ timeout: 1 });
    },
  };
}

function parseNotice(payload: string): ChangeNotice {
  const said = JSON.parse(payload) as Record<string, string>;
  const number = (name: string) => BigInt(said[name] ?? 0);
  switch (said.type) {
    case "records":
      return { type: "records", upTo: number("upTo") };
    case "reorg":
      return { type: "reorg", ancestor: number("ancestor") };
    case "finalized":
      return { type: "finalized", block: number("block") };
    case "sequenced":
      return { type: "sequenced", size: number("size") };
    case "checkpoint":
      return { type: "checkpoint", size: number("size") };
    default:
      return { type: "anchor", size: number("size") };
  }
}
