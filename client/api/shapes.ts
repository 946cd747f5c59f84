import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";

/** Shapes of the API's scalars and of the fields that several queries ask for, each with its GraphQL fragment. */
export const hexShape = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/)
  .transform((text) => text as Hex);
export const bigIntShape = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const timeShape = z.iso.datetime().transform((text) => new Date(text));

export const recordShape = z.object({
  recordHash: hexShape,
  dataId: hexShape,
  dataHash: hexShape,
  previousHash: hexShape,
  operation: z.string(),
  metadataHash: hexShape,
  dataOwner: hexShape,
  agent: hexShape,
  submitter: hexShape,
  sequence: bigIntShape,
  /** Seconds since 1970, claimed by the agent. */
  timestamp: bigIntShape,
  blockNumber: bigIntShape,
  blockHash: hexShape,
  blockTimestamp: bigIntShape,
  transactionHash: hexShape,
  status: z.enum(["ACTIVE", "CORRECTED", "REVOKED", "ERASED"]),
  validated: z.boolean(),
  state: z.enum(["ACCEPTED", "SEQUENCED", "INTEGRATED", "ANCHORED", "FINAL"]),
  parentHashes: z.array(hexShape),
  dataset: z.object({ namespaceName: z.string().nullable(), name: z.string().nullable() }).nullable(),
});

export const RECORD_FIELDS = `fragment RecordFields on Record {
  recordHash dataId dataHash previousHash operation metadataHash dataOwner agent submitter sequence timestamp
  blockNumber blockHash blockTimestamp transactionHash status validated state parentHashes
  dataset { namespaceName name }
}`;

export const statesShape = z.object({
  state: recordShape.shape.state,
  acceptedAt: timeShape,
  sequencedAt: timeShape.nullable(),
  integratedAt: timeShape.nullable(),
  anchoredAt: timeShape.nullable(),
  finalAt: timeShape.nullable(),
});

export const endorsementShape = z.object({
  endorsementHash: hexShape,
  recordHash: hexShape,
  validator: hexShape,
  policyVersion: bigIntShape,
  transactionHash: hexShape,
});

export const datasetShape = z.object({
  dataId: hexShape,
  namespaceId: hexShape,
  namespaceName: z.string().nullable(),
  name: z.string().nullable(),
  nameHash: hexShape,
  owner: hexShape,
  /** Seconds since 1970. */
  startedAt: bigIntShape,
  recordCount: bigIntShape,
  head: recordShape.nullable(),
});

export const DATASET_FIELDS = `fragment DatasetFields on Dataset {
  dataId namespaceId namespaceName name nameHash owner startedAt recordCount head { ...RecordFields }
}
${RECORD_FIELDS}`;

const anchorShape = z.object({
  size: bigIntShape,
  root: hexShape,
  epoch: bigIntShape,
  state: z.enum(["SEALED", "SENT", "MINED", "FINAL"]),
  transactionHash: hexShape.nullable(),
  blockNumber: bigIntShape.nullable(),
  blockHash: hexShape.nullable(),
});

export const checkpointShape = z.object({
  size: bigIntShape,
  root: hexShape,
  epoch: bigIntShape,
  /** The signed note, verbatim. */
  note: z.string(),
  createdAt: timeShape,
  anchor: anchorShape.nullable(),
});

export const CHECKPOINT_FIELDS = `fragment CheckpointFields on Checkpoint {
  size root epoch note createdAt anchor { size root epoch state transactionHash blockNumber blockHash }
}`;

export const accessShape = z.object({
  accessHash: hexShape,
  dataId: hexShape,
  recordHash: hexShape,
  reader: hexShape,
  purpose: z.string(),
  metadataHash: hexShape,
  reporter: hexShape,
  sequence: bigIntShape,
  timestamp: bigIntShape,
  transactionHash: hexShape,
});

export const pageInfoShape = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });

export type RecordView = z.output<typeof recordShape>;
export type DatasetView = z.output<typeof datasetShape>;
export type CheckpointView = z.output<typeof checkpointShape>;
export type AccessView = z.output<typeof accessShape>;
