import { connect as openSocket, type Socket } from "node:net";
import postgres from "postgres";

/** The driver with `bigint` for int8 and plain `Uint8Array` for bytea. */
export type Sql = postgres.Sql<{ bigint: bigint; bytea: Uint8Array }>;
export type Transaction = postgres.TransactionSql<{ bigint: bigint; bytea: Uint8Array }>;

export type PoolOptions = {
  readonly max: number;
  /** Seen in pg_stat_activity. */
  readonly name: string;
  readonly statementTimeoutMs?: number | undefined;
  /** Runtime settings of every session of the pool. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** For sessions that hold a lock or listen: they are never closed for their age. */
  readonly keep?: boolean | undefined;
  /** For single statements that may be cancelled; transactions MUST NOT be used on the pool. */
  readonly cancellable?: boolean | undefined;
  readonly onClose?: (() => void) | undefined;
};

const CONNECT_TIMEOUT_S = 10;
const LONGEST_BACKOFF_S = 1;
const MAX_PIPELINE = 100;

/** A pool of connections that are opened when needed and come back by themselves after the server was away. */
export function connectPool(url: string, options: PoolOptions): Sql {
  // The driver's types don't know these two. A session that is never given a second statement before it has answered the first can
  // be told to cancel without hitting what waits behind. The driver's transactions don't work that way, though.
  const more = { socket: connectSocket, max_pipeline: options.cancellable ? 0 : MAX_PIPELINE };
  return postgres(url, {
    ...more,
    max: options.max,
    // We write array literals ourselves, so no session has to look up the array types.
    fetch_types: false,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: (retries: number) => Math.min(0.02 * 2 ** retries, LONGEST_BACKOFF_S),
    keep_alive: 15,
    onnotice: () => undefined,
    ...(options.keep ? { max_lifetime: null } : {}),
    ...(options.onClose === undefined ? {} : { onclose: options.onClose }),
    connection: {
      application_name: `stemma ${options.name}`,
      ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
      ...options.settings,
    },
    types: { bigint: BIGINT, bytea: BYTEA },
  });
}

const BIGINT: postgres.PostgresType<bigint> = {
  to: 20,
  from: [20],
  serialize: (value: bigint) => value.toString(),
  parse: BigInt,
};
const BYTEA: postgres.PostgresType<Uint8Array> = {
  to: 17,
  from: [17],
  serialize: (value: Uint8Array) => `\\x${Buffer.from(value).toString("hex")}`,
  parse: (text: string) => new Uint8Array(Buffer.from(text.slice(2), "hex")),
};

type SocketTarget = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
};

/**
 * The driver never sets TCP_NODELAY, which costs 45 to 60 ms per COPY (Nagle's algorithm meets the delayed acknowledgement).
 * The socket is handed over while it still connects: were we to wait and fail, the driver would lose that pool slot for ever.
 */
function connectSocket(target: SocketTarget): Socket {
  if (target.path) return openSocket(target.path);
  const host = target.host[0] ?? "localhost";
  const socket = openSocket({ host, port: target.port[0] ?? 5432, noDelay: true });
  // The driver reads the name for TLS from here.
  return Object.assign(socket, { host });
}
