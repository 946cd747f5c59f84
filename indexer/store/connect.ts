import { connect as openSocket, type Socket } from "node:net";
import postgres from "postgres";

/** The driver with `bigint` for int8 and plain `Uint8Array` for bytea. */
export type Sql = postgres.Sql<{ bigint: bigint; bytea: Uint8Array }>;

export type ClientOptions = {
  /** Seen in pg_stat_activity. */
  readonly name: string;
  readonly statementTimeoutMs?: number | undefined;
  /** Runtime settings of every session. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

const CONNECT_TIMEOUT_S = 10;
const LONGEST_BACKOFF_S = 1;
const MAX_PIPELINE = 100;

/**
 * A client of the driver. Besides the known traps (facts in the room's README) it has one more: a statement that is given to a
 * connection in the moment when that is lost leaves the connection's state broken, so that it never comes back, and a statement
 * that is given to a reserved connection after that ends the process. So a client MUST be thrown away once it has lost a connection
 * (`onClose`), and transactions MUST go through a lane (lane.ts), never through the driver's `begin`.
 */
export function openClient(
  url: string,
  options: ClientOptions & {
    readonly max: number;
    /** A connection gets no second statement before it has answered the first: a request to cancel can't hit what waits behind. */
    readonly cancellable: boolean;
    readonly onClose: () => void;
  },
): Sql {
  // The driver's types don't know these two.
  const more = { socket: connectSocket, max_pipeline: options.cancellable ? 0 : MAX_PIPELINE };
  return postgres(url, {
    ...more,
    max: options.max,
    // We write array literals ourselves, so no session has to look up the array types.
    fetch_types: false,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: (retries: number) => Math.min(0.02 * 2 ** retries, LONGEST_BACKOFF_S),
    keep_alive: 15,
    max_lifetime: null,
    onnotice: () => undefined,
    onclose: options.onClose,
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
