import type { PositionId } from "../../model/position.ts";
import type { Page, PageRequest } from "../../model/reader.ts";
import type { ApiContext } from "../context.ts";
import { type Connection, type PageArguments, paginate } from "../paginate.ts";
import { type Builder, QUERY_COST } from "./builder.ts";
import type { CountedConnection, Refs } from "./refs.ts";

export type Order = "OLDEST_FIRST" | "NEWEST_FIRST";

/** The connection types, each with its edge type, shared by all fields that return them; and the argument for their order. */
export type Connections = ReturnType<typeof createConnections>;

/** Defines one connection type per kind of row. */
export function createConnections(builder: Builder, refs: Refs) {
  const order = builder.enumType("Order", {
    description: "The order a connection runs in, by place on the chain.",
    values: ["OLDEST_FIRST", "NEWEST_FIRST"] as const,
  });
  const record = builder.connectionObject({ type: refs.record, name: "RecordConnection" });
  builder.objectField(record, "totalCount", (t) => t.field(countField));
  const quarantined = builder.connectionObject({ type: refs.quarantined, name: "QuarantinedConnection" });
  builder.objectField(quarantined, "totalCount", (t) => t.field(countField));
  return {
    order,
    record,
    quarantined,
    dataset: builder.connectionObject({ type: refs.dataset, name: "DatasetConnection" }),
    namespace: builder.connectionObject({ type: refs.namespace, name: "NamespaceConnection" }),
    access: builder.connectionObject({ type: refs.access, name: "AccessConnection" }),
    checkpoint: builder.connectionObject({ type: refs.checkpoint, name: "CheckpointConnection" }),
    anchor: builder.connectionObject({ type: refs.anchor, name: "AnchorConnection" }),
  };
}

const countField = {
  type: "BigInt",
  nullable: true,
  complexity: QUERY_COST,
  description:
    "Number of all items, counted only when asked for. Null where a filter would make counting slow.",
  resolve: (connection: unknown) => (isCounted(connection) ? connection.count() : null),
} as const;

function isCounted(connection: unknown): connection is CountedConnection<unknown> {
  return typeof connection === "object" && connection !== null && "count" in connection;
}

/** Cost of a connection: one query, and one object per row of the page, whatever the page size's variable says. */
export function pageCost(page: PageArguments, context: ApiContext): { field: number; multiplier: number } {
  const size = page.first ?? page.last ?? context.limits.defaultPageSize;
  return { field: QUERY_COST, multiplier: Math.min(Math.max(size, 0), context.limits.pageSize) };
}

/** {@link paginate} for rows that carry their position as `id`. */
export function paginateById<Row extends { readonly id: PositionId }>(
  page: PageArguments & { readonly order?: Order | null | undefined },
  context: ApiContext,
  read: (request: PageRequest) => Promise<Page<Row>>,
): Promise<Connection<Row>> {
  const newestFirst = page.order === "NEWEST_FIRST";
  return paginate(page, { limits: context.limits, position: (row) => row.id, newestFirst }, read);
}

/** {@link paginate} for rows that are ordered by log size, newest first. */
export function paginateBySize<Row extends { readonly size: bigint }>(
  page: PageArguments,
  context: ApiContext,
  read: (request: PageRequest) => Promise<Page<Row>>,
): Promise<Connection<Row>> {
  return paginate(page, { limits: context.limits, position: (row) => row.size, newestFirst: true }, read);
}
