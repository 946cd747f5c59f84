import { blockOf, logIndexOf } from "../../model/position.ts";
import type { Builder } from "./builder.ts";
import type { Refs } from "./refs.ts";

/** Checkpoint, Anchor and Quarantined. */
export function defineLog(builder: Builder, refs: Refs): void {
  const anchorState = builder.enumType("AnchorState", {
    values: {
      SEALED: { description: "Chosen to be anchored." },
      SENT: { description: "Its transaction is sent." },
      MINED: { description: "In a block." },
      FINAL: { description: "That block is final." },
    } as const,
  });

  builder.objectType(refs.checkpoint, {
    description: "Log size and root, signed by the log.",
    fields: (t) => ({
      size: t.field({ type: "BigInt", resolve: (row) => row.size }),
      root: t.field({ type: "Hex", resolve: (row) => row.root }),
      epoch: t.field({
        type: "BigInt",
        description: "Term of the sequencer that signed it; never goes down.",
        resolve: (row) => row.epoch,
      }),
      note: t.string({ description: "The C2SP signed note, verbatim.", resolve: (row) => row.note }),
      createdAt: t.field({ type: "DateTime", resolve: (row) => row.createdAt }),
      anchor: t.field({
        type: refs.anchor,
        nullable: true,
        description: "Null where this checkpoint is not meant for the chain; a later one covers it.",
        resolve: (row, _args, context) => context.loaders.anchor.load(row.size),
      }),
    }),
  });

  builder.objectType(refs.anchor, {
    description: "A checkpoint on its way to the chain, or there.",
    fields: (t) => ({
      size: t.field({ type: "BigInt", resolve: (row) => row.size }),
      root: t.field({ type: "Hex", resolve: (row) => row.root }),
      epoch: t.field({ type: "BigInt", resolve: (row) => row.epoch }),
      fromSize: t.field({
        type: "BigInt",
        description: "Size that the consistency proof in its transaction starts from.",
        resolve: (row) => row.fromSize,
      }),
      state: t.field({ type: anchorState, resolve: (row) => row.state }),
      transactionHash: t.field({ type: "Hex", nullable: true, resolve: (row) => row.transactionHash }),
      blockNumber: t.field({ type: "BigInt", nullable: true, resolve: (row) => row.blockNumber }),
      blockHash: t.field({ type: "Hex", nullable: true, resolve: (row) => row.blockHash }),
      sealedAt: t.field({ type: "DateTime", resolve: (row) => row.sealedAt }),
      sentAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.sentAt }),
      minedAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.minedAt }),
      finalAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.finalAt }),
    }),
  });

  builder.objectType(refs.quarantined, {
    description: "A log of our contracts that could not be understood. Kept and shown, never in the history.",
    fields: (t) => ({
      reason: t.string({ description: "Code of the error table.", resolve: (row) => row.reason }),
      detail: t.string({ resolve: (row) => row.detail }),
      blockNumber: t.field({ type: "BigInt", resolve: (row) => blockOf(row.id) }),
      logIndex: t.int({ resolve: (row) => logIndexOf(row.id) }),
      transactionHash: t.field({ type: "Hex", resolve: (row) => row.transactionHash }),
      topics: t.field({ type: ["Hex"], resolve: (row) => [...row.topics] }),
      data: t.field({ type: "Hex", resolve: (row) => row.data }),
    }),
  });
}
