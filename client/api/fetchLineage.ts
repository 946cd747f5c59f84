import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type QueryErrorName, query } from "./query.ts";
import { hexShape, RECORD_FIELDS, recordShape } from "./shapes.ts";

export type FetchLineageParameters = ({ readonly recordHash: Hex } | { readonly dataId: Hex }) & {
  /** UPSTREAM by default: what the start was made from. */
  readonly direction?: "UPSTREAM" | "DOWNSTREAM" | "BOTH";
  readonly maxDepth?: number;
  readonly maxNodes?: number;
  /** Answers as this block would have. */
  readonly asOfBlock?: bigint;
  /** Only records that the checkpoint of this size covers. */
  readonly asOfCheckpoint?: bigint;
};

const shape = z.object({
  nodes: z.array(z.object({ depth: z.int(), record: recordShape.nullable() })),
  edges: z.array(
    z.object({ child: hexShape, parent: hexShape, kind: z.enum(["PREVIOUS", "DERIVED", "BOTH"]) }),
  ),
  truncated: z.boolean(),
});

/** Nodes with their least distance from the start, and the edges among them. */
export type FetchLineageReturnType = z.output<typeof shape>;

export type FetchLineageErrorType = StemmaError<QueryErrorName | "RECORD_NOT_FOUND" | "DATASET_NOT_FOUND">;

const lineageQuery = {
  name: "Lineage",
  document: `query Lineage(
  $recordHash: Hex, $dataId: Hex, $direction: LineageDirection, $maxDepth: Int, $maxNodes: Int,
  $asOfBlock: BigInt, $asOfCheckpoint: BigInt
) {
  lineage(
    recordHash: $recordHash, dataId: $dataId, direction: $direction, maxDepth: $maxDepth, maxNodes: $maxNodes,
    asOfBlock: $asOfBlock, asOfCheckpoint: $asOfCheckpoint
  ) {
    nodes { depth record { ...RecordFields } }
    edges { child parent kind }
    truncated
  }
}
${RECORD_FIELDS}`,
  data: z.object({ lineage: shape }),
};

/**
 * Where a record, or the head of a dataset, came from, or what was made from it; breadth first, flat.
 *
 * @throws FetchLineageErrorType
 */
export async function fetchLineage(
  connection: StemmaConnection,
  parameters: FetchLineageParameters,
): Promise<FetchLineageReturnType> {
  const variables = {
    ...parameters,
    asOfBlock: parameters.asOfBlock?.toString(),
    asOfCheckpoint: parameters.asOfCheckpoint?.toString(),
  };
  return (await query(connection, lineageQuery, variables)).lineage;
}
