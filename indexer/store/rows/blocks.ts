import type { BlockHeader } from "../../model/chain.ts";
import type { ChainEvent } from "../../model/event.ts";
import { blockOf } from "../../model/position.ts";
import type { Transaction } from "../lane.ts";
import { type InsertOptions, sourceOf } from "./insertRows.ts";
import type { Table } from "./table.ts";

type BlockRow = {
  readonly number: bigint;
  readonly hash: Uint8Array;
  readonly parentHash: Uint8Array | null;
  readonly timestamp: bigint;
  readonly hasEvents: boolean;
};

const BLOCKS: Table<BlockRow> = {
  name: "block",
  columns: [
    { name: "number", type: "bigint", get: (block) => block.number },
    { name: "timestamp", type: "bigint", get: (block) => block.timestamp },
    { name: "hash", type: "bytea32", get: (block) => block.hash },
    { name: "parent_hash", type: "bytea32", nullable: true, get: (block) => block.parentHash },
    { name: "has_events", type: "boolean", get: (block) => block.hasEvents },
  ],
};

/** Writes the headers given and a row for every block that has events. A row told of again only gains what it lacked. */
export async function insertBlocks(
  tx: Transaction,
  headers: readonly BlockHeader[],
  events: readonly ChainEvent[],
  options: InsertOptions,
): Promise<void> {
  const blocks = new Map<bigint, BlockRow>();
  for (const header of headers) blocks.set(header.number, { ...header, hasEvents: false });
  let latest: bigint | null = null;
  for (const event of events) {
    const number = blockOf(event.id);
    if (number === latest) continue;
    latest = number;
    blocks.set(number, {
      number,
      hash: event.blockHash,
      parentHash: blocks.get(number)?.parentHash ?? null,
      timestamp: event.blockTimestamp,
      hasEvents: true,
    });
  }
  if (blocks.size === 0) return;
  const { from, parameters } = await sourceOf(tx, BLOCKS, [...blocks.values()], options);
  const text = `INSERT INTO block (number, timestamp, hash, parent_hash, has_events)
    SELECT number, timestamp, hash, parent_hash, has_events FROM ${from}
    ON CONFLICT (number) DO UPDATE
      SET parent_hash = coalesce(block.parent_hash, excluded.parent_hash),
          has_events = block.has_events OR excluded.has_events`;
  await tx.unsafe(text, parameters, { prepare: true });
}
