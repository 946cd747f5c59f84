import { StemmaError } from "../../protocol/errors.ts";
import type { PositionId } from "../model/position.ts";
import type { Page, PageRequest } from "../model/reader.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { ApiLimits } from "./limits/apiLimits.ts";

/** The Relay page arguments as GraphQL hands them over. */
export type PageArguments = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
};

export type Connection<Row> = {
  readonly edges: { cursor: string; node: Row }[];
  readonly pageInfo: {
    readonly startCursor: string | null;
    readonly endCursor: string | null;
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
  };
};

type PageOptions<Row> = {
  readonly limits: Pick<ApiLimits, "defaultPageSize" | "pageSize">;
  readonly position: (row: Row) => PositionId;
  /** True where the connection runs from the newest row to the oldest. */
  readonly newestFirst?: boolean | undefined;
};

/**
 * Number of rows that the arguments ask for.
 *
 * @throws PAGE_TOO_LARGE, PAGE_ARGUMENTS_CONFLICT
 */
function pageSize(page: PageArguments, limits: Pick<ApiLimits, "defaultPageSize" | "pageSize">): number {
  if (page.first != null && page.last != null) {
    throw new StemmaError("PAGE_ARGUMENTS_CONFLICT", { problem: "first and last are both given" });
  }
  const argument = page.last != null ? "last" : "first";
  const size = page.first ?? page.last ?? limits.defaultPageSize;
  if (size < 0) throw new StemmaError("PAGE_ARGUMENTS_CONFLICT", { problem: `${argument} is negative` });
  if (size > limits.pageSize) {
    throw new StemmaError("PAGE_TOO_LARGE", { argument, given: size, limit: limits.pageSize });
  }
  return size;
}

/**
 * A Relay connection over a keyset page of the store. Rows are read from one side only, so the bound on the other side is applied
 * to what came back; that is exact, because rows beyond it can only stand at the end of the page.
 *
 * @throws PAGE_TOO_LARGE, PAGE_ARGUMENTS_CONFLICT, CURSOR_INVALID
 */
export async function paginate<Row>(
  page: PageArguments,
  options: PageOptions<Row>,
  read: (request: PageRequest) => Promise<Page<Row>>,
): Promise<Connection<Row>> {
  const size = pageSize(page, options.limits);
  const after = page.after == null ? null : decodeCursor(page.after, "after");
  const before = page.before == null ? null : decodeCursor(page.before, "before");
  const backward = page.last != null;
  const ascending = backward === (options.newestFirst ?? false);
  const start = backward ? before : after;
  const end = backward ? after : before;

  // A page of none still has to say whether anything follows, which takes a look at one row.
  const answer = await read({
    limit: Math.max(size, 1),
    after: start,
    direction: ascending ? "ascending" : "descending",
  });
  const inside = answer.rows.filter((row) => {
    if (end === null) return true;
    return ascending ? options.position(row) < end : options.position(row) > end;
  });
  const more = inside.length > size || (inside.length === answer.rows.length && answer.hasMore);
  const rows = inside.slice(0, size);
  if (backward) rows.reverse();

  const edges = rows.map((node) => ({ cursor: encodeCursor(options.position(node)), node }));
  return {
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: backward ? before !== null : more,
      hasPreviousPage: backward ? more : after !== null,
    },
  };
}
