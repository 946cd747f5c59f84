import { OPERATIONS } from "../../../protocol/operation.ts";
import { type Builder, QUERY_COST } from "./builder.ts";
import { type Connections, pageCost, paginateById } from "./connections.ts";
import type { Refs } from "./refs.ts";

/** Record, its state times and its log entry. */
export function defineRecord(builder: Builder, refs: Refs, connections: Connections): void {
  const status = builder.enumType("RecordStatus", {
    description: "Whether a later record supersedes this one. Nothing is ever removed from the history.",
    values: ["ACTIVE", "CORRECTED", "REVOKED", "ERASED"] as const,
  });

  builder.objectType(refs.stateTimes, {
    description: "When a record reached its states; null for states still ahead.",
    fields: (t) => ({
      state: t.field({ type: refs.recordState, resolve: (row) => row.state }),
      acceptedAt: t.field({
        type: "DateTime",
        description: "Time of the block.",
        resolve: (row) => row.acceptedAt,
      }),
      sequencedAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.sequencedAt }),
      integratedAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.integratedAt }),
      anchoredAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.anchoredAt }),
      finalAt: t.field({ type: "DateTime", nullable: true, resolve: (row) => row.finalAt }),
    }),
  });

  builder.objectType(refs.entry, {
    description: "The record's line in the log.",
    fields: (t) => ({
      index: t.field({ type: "BigInt", resolve: (row) => row.index }),
      kind: t.string({ resolve: (row) => row.kind }),
      hash: t.field({ type: "Hex", resolve: (row) => row.hash }),
      sequencedAt: t.field({ type: "DateTime", resolve: (row) => row.sequencedAt }),
    }),
  });

  builder.objectType(refs.record, {
    description: "One step in a dataset's history, as its agent signed it.",
    fields: (t) => ({
      recordHash: t.field({
        type: "Hex",
        description: "EIP-712 digest of the record: what is signed, linked, stored and logged.",
        resolve: (row) => row.recordHash,
      }),
      dataId: t.field({ type: "Hex", resolve: (row) => row.dataId }),
      dataHash: t.field({ type: "Hex", description: "Digest of the data.", resolve: (row) => row.dataHash }),
      previousHash: t.field({
        type: "Hex",
        description: "The dataset's record before this one; zeros for the first.",
        resolve: (row) => row.previousHash,
      }),
      operation: t.string({
        description: "CREATE, TRANSFORM, DERIVE, … or an own name.",
        resolve: (row) => row.operation,
      }),
      provRelation: t.string({
        description: "The operation's relation in W3C PROV-DM.",
        resolve: (row) => provRelation(row.operation),
      }),
      metadataHash: t.field({ type: "Hex", resolve: (row) => row.metadataHash }),
      dataOwner: t.field({ type: "Hex", resolve: (row) => row.dataOwner }),
      agent: t.field({ type: "Hex", description: "Who signed the record.", resolve: (row) => row.agent }),
      submitter: t.field({
        type: "Hex",
        description: "Who sent the transaction: the agent, or a relayer.",
        resolve: (row) => row.submitter,
      }),
      sequence: t.field({
        type: "BigInt",
        description: "Place in the dataset's history.",
        resolve: (row) => row.sequence,
      }),
      timestamp: t.field({
        type: "BigInt",
        description: "Seconds since 1970 as the agent claims them.",
        resolve: (row) => row.timestamp,
      }),
      blockNumber: t.field({ type: "BigInt", resolve: (row) => row.blockNumber }),
      blockHash: t.field({ type: "Hex", resolve: (row) => row.blockHash }),
      blockTimestamp: t.field({
        type: "BigInt",
        description: "Seconds since 1970.",
        resolve: (row) => row.blockTimestamp,
      }),
      transactionHash: t.field({ type: "Hex", resolve: (row) => row.transactionHash }),
      status: t.field({ type: status, resolve: (row) => row.status }),
      validated: t.boolean({
        description: "True from the endorsement on that completed the dataset's policy.",
        resolve: (row) => row.validated,
      }),
      state: t.field({
        type: refs.recordState,
        complexity: 1,
        resolve: async (row, _args, context) => (await context.loaders.states.load(row.id)).state,
      }),
      states: t.field({
        type: refs.stateTimes,
        resolve: (row, _args, context) => context.loaders.states.load(row.id),
      }),
      dataset: t.field({
        type: refs.dataset,
        nullable: true,
        resolve: (row, _args, context) => context.loaders.datasetById.load(row.dataId),
      }),
      previous: t.field({
        type: refs.record,
        nullable: true,
        resolve: (row, _args, context) =>
          row.previousHash.some((byte) => byte !== 0)
            ? context.loaders.recordByHash.load(row.previousHash)
            : null,
      }),
      parentHashes: t.field({
        type: ["Hex"],
        complexity: 1,
        description: "Hashes of the records this one was derived from, ascending.",
        resolve: async (row, _args, context) => [...(await context.loaders.parents.load(row.id))],
      }),
      parents: t.field({
        type: [refs.record],
        description:
          "The records this one was derived from, as far as they are indexed. For more levels use lineage.",
        resolve: async (row, _args, context) => {
          const hashes = await context.loaders.parents.load(row.id);
          const parents = await Promise.all(hashes.map((hash) => context.loaders.recordByHash.load(hash)));
          return parents.filter((parent) => parent !== null);
        },
      }),
      endorsements: t.field({
        type: [refs.endorsement],
        resolve: async (row, _args, context) => [
          ...(await context.loaders.endorsements.load(row.recordHash)),
        ],
      }),
      accesses: t.connection(
        {
          type: refs.access,
          complexity: pageCost,
          description: "Who read this record's data, oldest first.",
          resolve: (row, args, context) =>
            paginateById(args, context, (page) =>
              context.sources.reader.accesses({ ...page, recordHash: row.recordHash }, context.abort.signal),
            ),
        },
        connections.access,
      ),
      entry: t.field({
        type: refs.entry,
        nullable: true,
        description: "Null while the record is only ACCEPTED.",
        resolve: (row, _args, context) => context.loaders.entry.load(row.id),
      }),
      anchor: t.field({
        type: refs.anchor,
        nullable: true,
        complexity: QUERY_COST,
        description: "The first anchor on chain that covers the record; null before it is ANCHORED.",
        resolve: async (row, _args, context) => {
          const entry = await context.loaders.entry.load(row.id);
          const checkpoint = entry && (await context.loaders.anchoredCheckpoint.load(entry.index));
          return checkpoint && context.loaders.anchor.load(checkpoint.size);
        },
      }),
    }),
  });
}

/** Own names read as derivations, as the protocol says. */
function provRelation(operation: string): string {
  const relations: Readonly<Record<string, string>> = OPERATIONS;
  return Object.hasOwn(relations, operation) ? (relations[operation] ?? "") : OPERATIONS.DERIVE;
}
