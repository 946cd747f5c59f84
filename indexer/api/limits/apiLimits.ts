/**
 * What one request, or all of them together, may ask of the server. Every limit has its own error, and all hold for the values
 * that variables resolve to.
 */
export type ApiLimits = {
  readonly documentCharacters: number;
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  /** Objects that a query may touch at most, computed before it runs; a field that needs an own SQL query counts as ten. */
  readonly cost: number;
  readonly defaultPageSize: number;
  readonly pageSize: number;
  readonly lineageDepth: number;
  readonly lineageNodes: number;
  readonly executionTimeoutMs: number;
  readonly requestBytes: number;
  /** Time for a request's headers and body to arrive. */
  readonly requestTimeoutMs: number;
  /** A connection over which nothing could be sent or received for so long is closed; live subscriptions send a ping every 12 s. */
  readonly idleTimeoutMs: number;
  readonly subscriptions: number;
  /** Time that requests in flight get at shutdown. */
  readonly drainTimeoutMs: number;
  /** `/ready` fails when the chain's head hasn't moved for so long; not with `instant` finality, where chains make no empty blocks. */
  readonly headAgeMs: number;
  /** `/ready` fails when more blocks than this are on the chain but not in the index. */
  readonly lagBlocks: bigint;
};

/**
 * Depth 12: a limit of 6 broke real queries of depth 7 (o1-labs/Archive-Node-API issue 183). The cost lets one request read the
 * largest lineage (10,000 nodes, each with its record, state, parents and dataset, and its edge) and refuses three nested full pages.
 */
export const defaultApiLimits: ApiLimits = {
  documentCharacters: 20_000,
  tokens: 2_000,
  depth: 12,
  aliases: 30,
  cost: 100_000,
  defaultPageSize: 20,
  pageSize: 100,
  lineageDepth: 100,
  lineageNodes: 10_000,
  executionTimeoutMs: 10_000,
  requestBytes: 256 * 1024,
  requestTimeoutMs: 15_000,
  idleTimeoutMs: 60_000,
  subscriptions: 1_000,
  drainTimeoutMs: 5_000,
  headAgeMs: 120_000,
  lagBlocks: 100n,
};
