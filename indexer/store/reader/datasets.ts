import type { DatasetRow, NamespaceRow, Reader } from "../../model/reader.ts";
import type { Sql } from "../connect.ts";
import { arrayLiteral } from "../rows/arrayLiteral.ts";
import { boundsOf, inOrder, nameOfBytes, pageOf, type Query } from "./query.ts";

type StoredNamespace = { id: bigint; namespace_id: Uint8Array; name: string | null; owner: Uint8Array };
type StoredDataset = {
  id: bigint;
  data_id: Uint8Array;
  namespace_id: Uint8Array;
  namespace: string | null;
  name: string | null;
  name_hash: Uint8Array;
  owner: Uint8Array;
  started_at: bigint;
};

type DatasetReader = Pick<Reader, "namespaces" | "namespacesById" | "datasets" | "datasetsById">;

export function createDatasetReader({ run }: Query): DatasetReader {
  return {
    namespaces: async (page, signal) => {
      const bounds = boundsOf(page);
      const rows = await run(
        "namespaces",
        (sql) => sql<StoredNamespace[]>`SELECT ${namespaceColumns(sql)} FROM namespace n
          WHERE n.id > ${bounds.low} AND n.id < ${bounds.high}
          ORDER BY n.id ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, namespaceOf);
    },

    namespacesById: async (ids, signal) => {
      const rows = await run(
        "namespacesById",
        (sql) => sql<StoredNamespace[]>`SELECT ${namespaceColumns(sql)} FROM namespace n
          WHERE n.namespace_id = ANY (${arrayLiteral(ids)}::text::bytea[])`,
        signal,
      );
      return inOrder(ids, rows.map(namespaceOf), nameOfBytes, (row) => nameOfBytes(row.namespaceId));
    },

    datasets: async (page, signal) => {
      const bounds = boundsOf(page);
      const { namespaceId, nameContains } = page;
      const rows = await run(
        "datasets",
        (sql) => sql<StoredDataset[]>`SELECT ${datasetColumns(sql)} FROM dataset d ${block(sql)}
          WHERE d.id > ${bounds.low} AND d.id < ${bounds.high}
          ${namespaceId === undefined ? sql`` : sql`AND d.namespace_id = ${namespaceId}`}
          ${nameContains === undefined ? sql`` : sql`AND strpos(lower(d.name), lower(${nameContains}::text)) > 0`}
          ORDER BY d.id ${bounds.descending ? sql`DESC` : sql`ASC`} LIMIT ${bounds.fetch}`,
        signal,
      );
      return pageOf(rows, bounds, datasetOf);
    },

    datasetsById: async (dataIds, signal) => {
      const rows = await run(
        "datasetsById",
        (sql) => sql<StoredDataset[]>`SELECT ${datasetColumns(sql)} FROM dataset d ${block(sql)}
          WHERE d.data_id = ANY (${arrayLiteral(dataIds)}::text::bytea[])`,
        signal,
      );
      return inOrder(dataIds, rows.map(datasetOf), nameOfBytes, (row) => nameOfBytes(row.dataId));
    },
  };
}

function namespaceColumns(sql: Sql) {
  return sql`n.id, n.namespace_id, n.name, coalesce((${ownerOf(sql, sql`n.namespace_id`)}), n.owner) AS owner`;
}

function datasetColumns(sql: Sql) {
  return sql`d.id, d.data_id, d.namespace_id, d.name, d.name_hash, block.timestamp AS started_at,
    (SELECT n.name FROM namespace n WHERE n.namespace_id = d.namespace_id ORDER BY n.id DESC LIMIT 1) AS namespace,
    coalesce((${ownerOf(sql, sql`d.data_id`)}), d.owner) AS owner`;
}

function ownerOf(sql: Sql, subject: ReturnType<Sql>) {
  return sql`SELECT t.receiver FROM transfer t WHERE t.subject = ${subject} AND t.phase = 2
    ORDER BY t.id DESC LIMIT 1`;
}

function block(sql: Sql) {
  return sql`JOIN block ON block.number = d.id >> 20`;
}

function namespaceOf(row: StoredNamespace): NamespaceRow {
  return { id: row.id, namespaceId: row.namespace_id, name: row.name, owner: row.owner };
}

function datasetOf(row: StoredDataset): DatasetRow {
  return {
    id: row.id,
    dataId: row.data_id,
    namespaceId: row.namespace_id,
    namespace: row.namespace,
    name: row.name,
    nameHash: row.name_hash,
    owner: row.owner,
    startedAt: row.started_at,
  };
}
