import { StemmaError } from "../../protocol/errors.ts";
import type { Ownership } from "../model/store.ts";
import { openClient } from "./connect.ts";
import { guarded } from "./storeError.ts";

/** Tables that hold what the indexer knows, with their primary keys. */
export const INSPECTED_TABLES = {
  record: ["id"],
  edge: ["child", "parent"],
  unresolved_parent: ["child", "parent_hash"],
  namespace: ["id"],
  dataset: ["id"],
  writer_grant: ["id"],
  transfer: ["id"],
  superseded: ["id"],
  access: ["id"],
  policy: ["id"],
  endorsement: ["id"],
  validated: ["id"],
  quarantine: ["id"],
  block: ["number"],
  entry: ["entry_index"],
  tile: ["level", "tile_index"],
  checkpoint: ["size"],
  anchor: ["size"],
  log_state: ["singleton"],
} as const satisfies Record<string, readonly string[]>;

export type InspectedTable = keyof typeof INSPECTED_TABLES;
export type InspectedValue = bigint | number | string | boolean | null | Uint8Array;
export type InspectedRow = Readonly<Record<string, InspectedValue>>;

/** A frozen, read-only view of a database as it was when the inspection began. */
export type Inspection = {
  readonly serverVersion: () => Promise<string>;
  /** Null where the database isn't Stemma's, or nobody has claimed it. */
  readonly ownership: () => Promise<Ownership | null>;
  /** The last final block; null where there is none yet. */
  readonly finalized: () => Promise<{ readonly number: bigint; readonly hash: Uint8Array } | null>;
  /** All rows of a table in the order of its primary key. */
  readonly rows: (table: InspectedTable) => AsyncGenerator<InspectedRow>;
  readonly close: () => Promise<void>;
};

const PAGE_ROWS = 2_000;

/**
 * Opens a database for reading only, without migrating it. Everything read belongs to one moment, whatever an indexer writes
 * meanwhile.
 *
 * @throws STORE_UNAVAILABLE, STORE_FAILED from every call
 */
export async function inspectStore(url: string): Promise<Inspection> {
  let lost = false;
  const sql = openClient(url, {
    name: "inspect",
    max: 1,
    cancellable: false,
    onClose: () => {
      lost = true;
    },
  });
  const close = () => sql.end({ timeout: 5 });
  /** A connection that came back would see another moment. */
  const within = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (lost) throw new StemmaError("STORE_UNAVAILABLE", { reason: "the connection was lost while reading" });
    return guarded(work);
  };
  try {
    // The client has one connection, so the transaction is that of every statement that follows.
    await within(() => sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  } catch (error) {
    await close();
    throw error;
  }

  const tableExists = async (table: string) => {
    const [row] = await sql<{ found: boolean }[]>`SELECT to_regclass(${table}) IS NOT NULL AS found`;
    return row?.found === true;
  };

  return {
    serverVersion: () =>
      within(async () => {
        const [row] = await sql<{ server_version: string }[]>`SHOW server_version`;
        return row?.server_version ?? "unknown";
      }),
    ownership: () =>
      within(async () => {
        if (!(await tableExists("ownership"))) return null;
        const [row] = await sql<
          {
            chain_id: bigint;
            genesis_hash: Uint8Array;
            registry: Uint8Array;
            anchor: Uint8Array;
            log_origin: string;
            log_key: string;
          }[]
        >`SELECT * FROM ownership`;
        if (row === undefined) return null;
        return {
          chain: { chainId: row.chain_id, genesisHash: row.genesis_hash },
          registry: row.registry,
          anchor: row.anchor,
          logOrigin: row.log_origin,
          logKey: row.log_key,
        };
      }),
    finalized: () =>
      within(async () => {
        const [row] = await sql<{ number: bigint | null; hash: Uint8Array | null }[]>`
          SELECT final_number AS number, final_hash AS hash FROM chain_cursor`;
        return row?.number == null || row.hash === null ? null : { number: row.number, hash: row.hash };
      }),
    rows: async function* (table) {
      const key = INSPECTED_TABLES[table];
      const order = key.join(", ");
      let after: readonly InspectedValue[] | null = null;
      for (;;) {
        const where: string =
          after === null ? "" : `WHERE (${order}) > (${key.map((_, i) => `$${i + 1}`).join(", ")})`;
        // Names come from the table above only; values go as parameters.
        const page: InspectedRow[] = await within(() =>
          sql.unsafe<InspectedRow[]>(
            `SELECT * FROM ${table} ${where} ORDER BY ${order} LIMIT ${PAGE_ROWS}`,
            (after ?? []) as never[],
          ),
        );
        yield* page;
        const last = page.at(-1);
        if (page.length < PAGE_ROWS || last === undefined) return;
        after = key.map((column) => last[column] ?? null);
      }
    },
    close,
  };
}
