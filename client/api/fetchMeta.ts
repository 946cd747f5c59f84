import { z } from "zod";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { type QueryErrorName, query } from "./query.ts";
import { bigIntShape, hexShape } from "./shapes.ts";

const shape = z.object({
  chainId: bigIntShape,
  network: z.string(),
  registry: hexShape,
  anchor: hexShape,
  logOrigin: z.string(),
  /** The log's verifier key as the indexer says: take the one that you trust from elsewhere. */
  logKey: z.string(),
  finality: z.string(),
  head: z.object({ number: bigIntShape, hash: hexShape, timestamp: bigIntShape }).nullable(),
  finalized: z.object({ number: bigIntShape, hash: hexShape }).nullable(),
  logSize: bigIntShape,
  checkpointSize: bigIntShape,
  anchoredSize: bigIntShape,
  records: bigIntShape,
  quarantined: bigIntShape,
  halted: z.string().nullable(),
  lag: z.object({ blocks: bigIntShape.nullable(), seconds: z.number().nullable() }),
});

/** Where the indexer stands. */
export type FetchMetaReturnType = z.output<typeof shape>;

export type FetchMetaErrorType = StemmaError<QueryErrorName>;

const metaQuery = {
  name: "Meta",
  document: `query Meta {
  _meta {
    chainId network registry anchor logOrigin logKey finality head { number hash timestamp } finalized { number hash }
    logSize checkpointSize anchoredSize records quarantined halted lag { blocks seconds }
  }
}`,
  data: z.object({ _meta: shape }),
};

/**
 * Where the indexer stands: head, finalized block, sizes, lag.
 *
 * @throws FetchMetaErrorType
 */
export async function fetchMeta(connection: StemmaConnection): Promise<FetchMetaReturnType> {
  return (await query(connection, metaQuery))._meta;
}
