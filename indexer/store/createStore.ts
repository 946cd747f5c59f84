import type { ChangeFeed, ChangeNotice, Reader } from "../model/reader.ts";
import type { AnchorStore, ChainStore, LogStore } from "../model/store.ts";
import { createAnchorStore } from "./anchorStore.ts";
import { createChainStore } from "./chainStore.ts";
import { createChangeFeed } from "./changeFeed.ts";
import { openClient, type Sql } from "./connect.ts";
import { createLane } from "./lane.ts";
import { lead } from "./leadership.ts";
import { createLogStore } from "./logStore.ts";
import { migrate } from "./migrate.ts";
import { createPool } from "./pool.ts";
import { createDatasetReader } from "./reader/datasets.ts";
import { createEventReader } from "./reader/events.ts";
import { createLineageReader } from "./reader/lineage.ts";
import { createLogReader } from "./reader/log.ts";
import { createQuery } from "./reader/query.ts";
import { createRecordReader } from "./reader/records.ts";
import { createStateReader } from "./reader/states.ts";
import { createStatusReader } from "./reader/status.ts";
import { BULK_ROWS } from "./rows/insertRows.ts";
import { guarded } from "./storeError.ts";

export type StoreOptions = {
  readonly url: string;
  /** Limit of one reading statement; 5 s where none is given. */
  readonly queryTimeoutMs?: number | undefined;
  /** Connections for reading; 8 where none is given. */
  readonly readers?: number | undefined;
  /** Rows of one table from which on a batch goes by COPY; 500 where none is given (measured). */
  readonly bulkRows?: number | undefined;
  /** How long a COPY may stand still before its backend is ended; 30 s where none is given. */
  readonly copyStallMs?: number | undefined;
  /** How often the session that holds the sequencer's lock is spoken to; 5 s where none is given. */
  readonly heartbeatMs?: number | undefined;
};

export type Store = {
  readonly chain: ChainStore;
  readonly log: LogStore;
  readonly anchors: AnchorStore;
  readonly reader: Reader;
  readonly changes: ChangeFeed;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Opens the store in a PostgreSQL database (15 or newer) and brings its schema up to date. While the server is away every call
 * fails with STORE_UNAVAILABLE, which is retryable; the connections come back by themselves.
 *
 * @throws STORE_UNAVAILABLE, DATABASE_NEWER, MIGRATION_CHANGED
 */
export async function createStore(options: StoreOptions): Promise<Store> {
  const { url } = options;
  await migrate(url);
  const timeoutMs = options.queryTimeoutMs ?? 5_000;
  const chainLane = createLane(url, { name: "chain", settings: WRITER });
  const logLane = createLane(url, { name: "log", settings: WRITER });
  // For what the writers read, and to end one of them: never kept waiting by the questions of users.
  const service = createPool(url, { max: 2, name: "service" });
  const readers = createPool(url, {
    max: options.readers ?? 8,
    name: "reader",
    statementTimeoutMs: timeoutMs,
  });
  const listener = openClient(url, {
    max: 1,
    name: "listener",
    cancellable: false,
    onClose: () => undefined,
  });

  const insert = {
    rescue: service,
    stallMs: options.copyStallMs ?? 30_000,
    bulkRows: options.bulkRows ?? BULK_ROWS,
  };
  const query = createQuery(readers, timeoutMs);
  const { feed, close: closeFeed } = createChangeFeed(listener, () => readPositions(service.sql()));
  const heartbeatMs = options.heartbeatMs ?? 5_000;
  return {
    chain: createChainStore(chainLane, service, insert),
    log: createLogStore(logLane, service, (above) => lead(url, { heartbeatMs }, above), insert),
    anchors: createAnchorStore(logLane, service),
    reader: {
      ...createStatusReader(query),
      ...createDatasetReader(query),
      ...createRecordReader(query),
      ...createStateReader(query),
      ...createLineageReader(query),
      ...createEventReader(query),
      ...createLogReader(query),
    },
    changes: feed,
    ping: () => guarded(async () => void (await service.sql()`SELECT 1`)),
    close: async () => {
      await closeFeed();
      await Promise.all([chainLane, logLane, service, readers].map((each) => each.end()));
    },
  };
}

/**
 * Stages are read once; memory for them spares the disk. A writer that stands still inside a transaction is ended. The one join that
 * writing needs goes by index look-ups: any other way would read a whole table for every batch.
 */
const WRITER = {
  temp_buffers: "32MB",
  idle_in_transaction_session_timeout: "60000",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
};

async function readPositions(sql: Sql): Promise<ChangeNotice[]> {
  const [row] = await sql<
    {
      number: bigint | null;
      final: bigint | null;
      size: bigint;
      checkpoint: bigint | null;
      anchor: bigint | null;
    }[]
  >`SELECT number, final_number AS final, (SELECT size FROM log_state) AS size, (SELECT max(size) FROM checkpoint) AS checkpoint,
      (SELECT max(size) FROM anchor) AS anchor FROM chain_cursor`;
  return [
    { type: "reorg", ancestor: row?.number ?? 0n },
    { type: "records", upTo: (((row?.number ?? -1n) + 1n) << 20n) - 1n },
    { type: "finalized", block: row?.final ?? 0n },
    { type: "sequenced", size: row?.size ?? 0n },
    { type: "checkpoint", size: row?.checkpoint ?? 0n },
    { type: "anchor", size: row?.anchor ?? 0n },
  ];
}
