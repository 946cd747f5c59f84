import type { IndexStatus } from "../../model/reader.ts";
import { type Builder, QUERY_COST } from "./builder.ts";

/** The query field `_meta` and its types. */
export function defineMeta(builder: Builder): void {
  const head = builder.objectRef<NonNullable<IndexStatus["head"]>>("IndexHead").implement({
    fields: (t) => ({
      number: t.field({ type: "BigInt", resolve: (row) => row.number }),
      hash: t.field({ type: "Hex", resolve: (row) => row.hash }),
      timestamp: t.field({
        type: "BigInt",
        description: "Seconds since 1970.",
        resolve: (row) => row.timestamp,
      }),
    }),
  });
  const finalized = builder.objectRef<NonNullable<IndexStatus["finalized"]>>("FinalBlock").implement({
    fields: (t) => ({
      number: t.field({ type: "BigInt", resolve: (row) => row.number }),
      hash: t.field({ type: "Hex", resolve: (row) => row.hash }),
    }),
  });
  const lag = builder.objectRef<IndexStatus>("IndexLag").implement({
    description: "How far the index is behind the chain.",
    fields: (t) => ({
      blocks: t.field({
        type: "BigInt",
        nullable: true,
        description: "Blocks that the node has and the index has not; null while the node's head is unknown.",
        resolve: (status, _args, context) => {
          const chainHead = context.sources.health.chain().head;
          if (chainHead === null) return null;
          const behind = chainHead - (status.head?.number ?? -1n);
          return behind > 0n ? behind : 0n;
        },
      }),
      seconds: t.float({
        nullable: true,
        description: "Age of the newest indexed block; grows on a chain that makes no empty blocks.",
        resolve: (status, _args, context) =>
          status.head && Math.max(0, context.sources.clock.now() / 1_000 - Number(status.head.timestamp)),
      }),
    }),
  });

  const meta = builder.objectRef<IndexStatus>("Meta").implement({
    description: "Where the index stands.",
    fields: (t) => ({
      chainId: t.field({
        type: "BigInt",
        resolve: (_status, _args, context) => context.sources.deployment.chainId,
      }),
      network: t.string({ resolve: (_status, _args, context) => context.sources.deployment.network }),
      registry: t.string({
        description: "Address of the ProvenanceRegistry.",
        resolve: (_status, _args, context) => context.sources.deployment.registry,
      }),
      anchor: t.string({
        description: "Address of the CheckpointAnchor.",
        resolve: (_status, _args, context) => context.sources.deployment.anchor,
      }),
      logOrigin: t.string({ resolve: (_status, _args, context) => context.sources.deployment.logOrigin }),
      logKey: t.string({
        description: "The log's C2SP verifier key.",
        resolve: (_status, _args, context) => context.sources.deployment.logKey,
      }),
      finality: t.string({
        description: "What makes a block final here: instant, tag, depth or qbft.",
        resolve: (_status, _args, context) => context.sources.deployment.finality,
      }),
      head: t.field({
        type: head,
        nullable: true,
        description: "The newest indexed block; null for an empty index.",
        resolve: (status) => status.head,
      }),
      finalized: t.field({ type: finalized, nullable: true, resolve: (status) => status.finalized }),
      logSize: t.field({ type: "BigInt", resolve: (status) => status.logSize }),
      checkpointSize: t.field({ type: "BigInt", resolve: (status) => status.checkpointSize }),
      anchoredSize: t.field({ type: "BigInt", resolve: (status) => status.anchoredSize }),
      records: t.field({ type: "BigInt", resolve: (status) => status.records }),
      quarantined: t.field({ type: "BigInt", resolve: (status) => status.quarantined }),
      halted: t.string({
        nullable: true,
        description: "Why indexing halted for good; null while it goes on.",
        resolve: (_status, _args, context) => context.sources.health.halted(),
      }),
      lag: t.field({ type: lag, resolve: (status) => status }),
    }),
  });

  builder.queryField("_meta", (t) =>
    t.field({
      type: meta,
      complexity: QUERY_COST,
      resolve: (_root, _args, context) => context.sources.reader.status(context.abort.signal),
    }),
  );
}
