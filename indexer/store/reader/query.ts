import type postgres from "postgres";
import { StemmaError } from "../../../protocol/errors.ts";
import type { PositionId } from "../../model/position.ts";
import type { Page, PageRequest } from "../../model/reader.ts";
import type { Sql } from "../connect.ts";
import type { Pool } from "../pool.ts";
import { isCancelled, storeError } from "../storeError.ts";

export type Query = {
  /** Runs a statement under the pool's time-out; ends it on the server when the signal aborts. */
  readonly run: <Row extends postgres.MaybeRow[]>(
    name: string,
    statement: (sql: Sql) => postgres.PendingQuery<Row>,
    signal: AbortSignal | undefined,
  ) => Promise<Row>;
};

/** @throws QUERY_TIMEOUT where the statement took too long or was cancelled; STORE_UNAVAILABLE. */
export function createQuery(pool: Pool, timeoutMs: number): Query {
  return {
    run: async (name, statement, signal) => {
      for (;;) {
        if (signal?.aborted) throw new StemmaError("QUERY_TIMEOUT", { query: name, timeoutMs });
        const startedAt = performance.now();
        const pending = statement(pool.sql());
        const cancel = () => pending.cancel();
        signal?.addEventListener("abort", cancel, { once: true });
        try {
          return await pending;
        } catch (error) {
          if (!isCancelled(error)) throw storeError(error);
          // A request to cancel names a session, not a statement: one that came late may have hit us instead.
          if (!signal?.aborted && performance.now() - startedAt < timeoutMs * 0.9) continue;
          throw new StemmaError("QUERY_TIMEOUT", { query: name, timeoutMs }, { cause: error });
        } finally {
          signal?.removeEventListener("abort", cancel);
        }
      }
    },
  };
}

const MAX_PAGE = 10_000;
const LAST_POSITION = (1n << 63n) - 1n;

export type Bounds = {
  /** Rows strictly between the two. */
  readonly low: PositionId;
  readonly high: PositionId;
  readonly descending: boolean;
  /** One row more than the page, to know whether more follow. */
  readonly fetch: number;
};

/** Keyset bounds of a page. */
export function boundsOf(page: PageRequest): Bounds {
  const descending = page.direction === "descending";
  return {
    low: descending || page.after === null ? -1n : page.after,
    high: descending && page.after !== null ? page.after : LAST_POSITION,
    descending,
    fetch: Math.min(Math.max(page.limit, 0), MAX_PAGE) + 1,
  };
}

/** Cuts the surplus row off. */
export function pageOf<Row, Out>(rows: readonly Row[], bounds: Bounds, map: (row: Row) => Out): Page<Out> {
  const limit = bounds.fetch - 1;
  return { rows: rows.slice(0, limit).map(map), hasMore: rows.length > limit };
}

/** Puts answers into the order of the questions. */
export function inOrder<Key, Row>(
  keys: readonly Key[],
  rows: readonly Row[],
  nameKey: (key: Key) => string,
  nameRow: (row: Row) => string,
): (Row | null)[] {
  const byName = new Map(rows.map((row) => [nameRow(row), row]));
  return keys.map((key) => byName.get(nameKey(key)) ?? null);
}

/** A name for bytes that a Map can be keyed by. */
export function nameOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

export function nameOfId(id: bigint): string {
  return id.toString();
}
