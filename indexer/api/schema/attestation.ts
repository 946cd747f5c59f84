import type { Builder } from "./builder.ts";
import type { Refs } from "./refs.ts";

/** Access and Endorsement: what others say about a record. */
export function defineAttestation(builder: Builder, refs: Refs): void {
  builder.objectType(refs.access, {
    description: "Who read what, when, for which purpose.",
    fields: (t) => ({
      accessHash: t.field({ type: "Hex", resolve: (row) => row.accessHash }),
      dataId: t.field({ type: "Hex", resolve: (row) => row.dataId }),
      recordHash: t.field({ type: "Hex", resolve: (row) => row.recordHash }),
      reader: t.field({
        type: "Hex",
        description: "Who read: an address or a salted commitment, 32 bytes.",
        resolve: (row) => row.reader,
      }),
      purpose: t.string({ resolve: (row) => row.purpose }),
      metadataHash: t.field({ type: "Hex", resolve: (row) => row.metadataHash }),
      reporter: t.field({
        type: "Hex",
        description: "Who reported the access.",
        resolve: (row) => row.reporter,
      }),
      sequence: t.field({ type: "BigInt", resolve: (row) => row.sequence }),
      timestamp: t.field({
        type: "BigInt",
        description: "Seconds since 1970.",
        resolve: (row) => row.timestamp,
      }),
      transactionHash: t.field({ type: "Hex", resolve: (row) => row.transactionHash }),
      record: t.field({
        type: refs.record,
        nullable: true,
        resolve: (row, _args, context) => context.loaders.recordByHash.load(row.recordHash),
      }),
      dataset: t.field({
        type: refs.dataset,
        nullable: true,
        resolve: (row, _args, context) => context.loaders.datasetById.load(row.dataId),
      }),
    }),
  });

  builder.objectType(refs.endorsement, {
    description: "A validator's signature under a record, counted by the dataset's n-of-m policy.",
    fields: (t) => ({
      endorsementHash: t.field({ type: "Hex", resolve: (row) => row.endorsementHash }),
      recordHash: t.field({ type: "Hex", resolve: (row) => row.recordHash }),
      validator: t.field({ type: "Hex", resolve: (row) => row.validator }),
      policyVersion: t.field({ type: "BigInt", resolve: (row) => row.policyVersion }),
      transactionHash: t.field({ type: "Hex", resolve: (row) => row.transactionHash }),
    }),
  });
}
