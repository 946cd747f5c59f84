import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaConnection } from "../connection.ts";
import { query } from "./query.ts";
import {
  type AccessView,
  accessShape,
  CHECKPOINT_FIELDS,
  type CheckpointView,
  checkpointShape,
  DATASET_FIELDS,
  type DatasetView,
  datasetShape,
  pageInfoShape,
  RECORD_FIELDS,
  type RecordView,
  recordShape,
} from "./shapes.ts";

export type PageOptions = {
  /** Rows that one request asks for. Default 100. */
  readonly pageSize?: number;
  /** Goes on after this cursor. */
  readonly after?: string;
  readonly signal?: AbortSignal;
};

export type Order = "OLDEST_FIRST" | "NEWEST_FIRST";

export type RecordsParameters = PageOptions & {
  readonly dataId?: Hex;
  readonly operation?: string;
  readonly agent?: Hex;
  readonly asOfBlock?: bigint;
  readonly order?: Order;
};
export type DatasetsParameters = PageOptions & {
  readonly namespaceId?: Hex;
  readonly nameContains?: string;
  readonly order?: Order;
};
export type AccessesParameters = PageOptions & {
  readonly dataId?: Hex;
  readonly recordHash?: Hex;
  readonly order?: Order;
};

const DEFAULT_PAGE_SIZE = 100;

const recordsQuery = {
  name: "Records",
  document: `query Records($first: Int!, $after: String, $dataId: Hex, $operation: String, $agent: Hex, $asOfBlock: BigInt, $order: Order) {
  page: records(first: $first, after: $after, dataId: $dataId, operation: $operation, agent: $agent, asOfBlock: $asOfBlock, order: $order) {
    edges { cursor node { ...RecordFields } } pageInfo { hasNextPage endCursor }
  }
}
${RECORD_FIELDS}`,
  data: pageOf(recordShape),
};
const datasetsQuery = {
  name: "Datasets",
  document: `query Datasets($first: Int!, $after: String, $namespaceId: Hex, $nameContains: String, $order: Order) {
  page: datasets(first: $first, after: $after, namespaceId: $namespaceId, nameContains: $nameContains, order: $order) {
    edges { cursor node { ...DatasetFields } } pageInfo { hasNextPage endCursor }
  }
}
${DATASET_FIELDS}`,
  data: pageOf(datasetShape),
};
const accessesQuery = {
  name: "Accesses",
  document: `query Accesses($first: Int!, $after: String, $dataId: Hex, $recordHash: Hex, $order: Order) {
  page: accesses(first: $first, after: $after, dataId: $dataId, recordHash: $recordHash, order: $order) {
    edges {
      cursor
      node { accessHash dataId recordHash reader purpose metadataHash reporter sequence timestamp transactionHash }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  data: pageOf(accessShape),
};
const checkpointsQuery = {
  name: "Checkpoints",
  document: `query Checkpoints($first: Int!, $after: String) {
  page: checkpoints(first: $first, after: $after) {
    edges { cursor node { ...CheckpointFields } } pageInfo { hasNextPage endCursor }
  }
}
${CHECKPOINT_FIELDS}`,
  data: pageOf(checkpointShape),
};

/** All records that fit, page by page as they are consumed. @throws QueryErrorName, ARGUMENT_INVALID */
export function records(
  connection: StemmaConnection,
  parameters: RecordsParameters = {},
): AsyncGenerator<RecordView> {
  return walk(
    connection,
    recordsQuery,
    { ...parameters, asOfBlock: parameters.asOfBlock?.toString() },
    parameters,
  );
}

/** All datasets that fit. @throws QueryErrorName, ARGUMENT_INVALID */
export function datasets(
  connection: StemmaConnection,
  parameters: DatasetsParameters = {},
): AsyncGenerator<DatasetView> {
  return walk(connection, datasetsQuery, parameters, parameters);
}

/** The access log. @throws QueryErrorName, ARGUMENT_INVALID */
export function accesses(
  connection: StemmaConnection,
  parameters: AccessesParameters = {},
): AsyncGenerator<AccessView> {
  return walk(connection, accessesQuery, parameters, parameters);
}

/** All checkpoints, newest first. @throws QueryErrorName */
export function checkpoints(
  connection: StemmaConnection,
  parameters: PageOptions = {},
): AsyncGenerator<CheckpointView> {
  return walk(connection, checkpointsQuery, {}, parameters);
}

function pageOf<Node extends z.ZodType>(node: Node) {
  return z.object({
    page: z.object({ edges: z.array(z.object({ cursor: z.string(), node })), pageInfo: pageInfoShape }),
  });
}

type PageData<Row> = {
  readonly page: {
    readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined };
  };
};

async function* walk<Row>(
  connection: StemmaConnection,
  typed: { readonly name: string; readonly document: string; readonly data: z.ZodType<PageData<Row>> },
  variables: Readonly<Record<string, unknown>>,
  options: PageOptions,
): AsyncGenerator<Row> {
  const { pageSize: first = DEFAULT_PAGE_SIZE, signal } = options;
  let after = options.after;
  for (;;) {
    const { page } = await query(
      connection,
      typed,
      { ...variables, pageSize: undefined, signal: undefined, first, after },
      { signal },
    );
    for (const { node } of page.edges) yield node;
    const next = page.pageInfo.endCursor ?? undefined;
    if (!page.pageInfo.hasNextPage || next === undefined || next === after) return;
    after = next;
  }
}
