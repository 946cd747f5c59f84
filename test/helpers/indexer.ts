import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import type { EmbeddedChainOptions } from "../../cluster/targets/embedded.ts";
import { type IndexerConfig, parseConfig } from "../../indexer/config.ts";
import { type RunningIndexer, type StartOptions, startIndexer } from "../../indexer/main.ts";
import type { Stage } from "../../indexer/model/probe.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { readNodeFromTiles } from "../../protocol/tiles.ts";
import { verifyConsistency } from "../../protocol/tree/consistency.ts";
import { EMPTY_ROOT } from "../../protocol/tree/hash.ts";
import { consistencyPath } from "../../protocol/tree/paths.ts";
import { startChain, type TestChain } from "./chain.ts";
import { deployContracts, type TestDeployment } from "./deploy.ts";
import { writeDeploymentFolder } from "./deploymentFolder.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { silentLogger } from "./observation.ts";
import { dumpTables, startPostgres, type TestPostgres } from "./postgres.ts";

/** A chain with contracts and history, and a database server: what indexers are started on. */
export type World = {
  readonly chain: TestChain;
  readonly deployment: TestDeployment;
  readonly ledger: Ledger;
  readonly postgres: TestPostgres;
  readonly directory: string;
  /** Configuration of an indexer; the seed is the same for all, so that their logs are one. */
  readonly config: (databaseUrl: string, env?: Readonly<Record<string, string>>) => IndexerConfig;
  readonly start: (
    databaseUrl: string,
    env?: Readonly<Record<string, string>>,
    options?: StartOptions,
  ) => Promise<RunningIndexer>;
  /** Every row of a fresh index of the same chain, but for those that say when this process did something. */
  readonly freshDump: (
    env?: Readonly<Record<string, string>>,
    options?: { behind?: bigint },
  ) => Promise<Record<string, string[]>>;
  readonly stop: () => Promise<void>;
};

export type WorldOptions = {
  readonly chain?: EmbeddedChainOptions;
  readonly durable?: boolean;
};

/** Checkpoints and anchors come when they come; what is compared of them is in {@link checkCheckpoints}. */
const TIMED_TABLES = ["checkpoint", "anchor"];
const SEED = `0x${"51".repeat(32)}`;

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  await using started = new AsyncDisposableStack();
  const chain = await startChain(options.chain);
  started.defer(() => chain.stop());
  const server = await startPostgres(options.durable === undefined ? {} : { durable: options.durable });
  started.defer(() => server.stop());
  const directory = mkdtempSync(join(tmpdir(), "stemma-world-"));
  started.defer(() => rmSync(directory, { recursive: true, force: true }));
  const deployment = await deployContracts(chain.rpcUrl);
  writeDeploymentFolder(directory, deployment.deployment);
  const ledger = await createLedger(deployment);

  const config: World["config"] = (databaseUrl, env = {}) =>
    parseConfig({
      DATABASE_URL: databaseUrl,
      STEMMA_RPC_URL: chain.rpcUrl,
      STEMMA_DEPLOYMENTS_DIR: directory,
      STEMMA_DATA_DIR: join(directory, "data"),
      STEMMA_API_PORT: "0",
      STEMMA_LOG_SEED: SEED,
      STEMMA_CHECKPOINT_INTERVAL_MS: "20",
      STEMMA_ANCHOR_INTERVAL_MS: "0",
      ...env,
    });
  const start: World["start"] = (databaseUrl, env, startOptions) =>
    startIndexer(config(databaseUrl, env), { logger: silentLogger, ...startOptions });
  const resources = started.move();
  return {
    ...{ chain, deployment, ledger, postgres: server, directory, config, start },
    freshDump: async (env, settling) => {
      const url = await server.createDatabase();
      const indexer = await start(url, env);
      try {
        await settled(url, deployment, settling);
      } finally {
        await indexer.stop();
      }
      await checkCheckpoints(url);
      return dump(url);
    },
    stop: () => resources.disposeAsync(),
  };
}

/** What a database says of itself. */
export type IndexState = {
  readonly cursor: bigint;
  readonly final: bigint;
  /** Things that are final and have, or get, an entry. */
  readonly sources: bigint;
  readonly entries: bigint;
  readonly checkpoint: bigint;
  /** Size of the newest anchor, and its state. */
  readonly anchor: bigint;
  readonly anchorState: string | null;
  readonly openAnchors: bigint;
};

export async function readState(databaseUrl: string): Promise<IndexState> {
  return withSql(databaseUrl, async (sql) => {
    const [row] = await sql<IndexState[]>`
      SELECT coalesce(chain_cursor.number, -1) AS cursor, coalesce(chain_cursor.final_number, -1) AS final,
        (SELECT count(*) FROM record WHERE id < (final_number + 1) << 20)
          + (SELECT count(*) FROM access WHERE id < (final_number + 1) << 20)
          + (SELECT count(*) FROM endorsement WHERE id < (final_number + 1) << 20) AS sources,
        (SELECT size FROM log_state) AS entries,
        (SELECT coalesce(max(size), 0) FROM checkpoint) AS checkpoint,
        (SELECT coalesce(max(size), 0) FROM anchor) AS anchor,
        (SELECT state FROM anchor ORDER BY size DESC LIMIT 1) AS "anchorState",
        (SELECT count(*) FROM anchor WHERE state <> 'FINAL') AS "openAnchors"
      FROM chain_cursor`;
    if (row === undefined) throw new Error("no cursor");
    return row;
  });
}

/** Waits until a condition on the database holds. */
export async function reached(
  databaseUrl: string,
  what: string,
  condition: (state: IndexState) => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<IndexState> {
  const deadline = Date.now() + timeoutMs;
  return withSql(databaseUrl, async () => {
    while (true) {
      const state = await readState(databaseUrl).catch(() => null);
      if (state !== null && (await condition(state))) return state;
      if (Date.now() > deadline) {
        const shown = JSON.stringify(state, (_, value) =>
          typeof value === "bigint" ? String(value) : value,
        );
        throw new Error(`${what} was not reached: ${shown}`);
      }
      await pause(25);
    }
  });
}

/** Waits until everything on the chain is indexed and final, in the log, under a checkpoint and anchored with finality. */
export async function settled(
  databaseUrl: string,
  { publicClient }: Pick<TestDeployment, "publicClient">,
  { behind = 0n, timeoutMs = 30_000 }: { behind?: bigint; timeoutMs?: number } = {},
): Promise<IndexState> {
  return reached(
    databaseUrl,
    "the end of the chain",
    async ({ cursor, final, sources, entries, checkpoint, anchor, openAnchors }) => {
      if (entries !== sources || checkpoint !== entries || anchor !== entries || openAnchors > 0n)
        return false;
      const head = await publicClient.getBlockNumber({ cacheTime: 0 });
      return cursor === head && final + behind >= head;
    },
    timeoutMs,
  );
}

/** All rows that have to be equal in two indexes of one chain. */
export function dump(databaseUrl: string): Promise<Record<string, string[]>> {
  return dumpTables(databaseUrl, { without: TIMED_TABLES });
}

/** Fails with the first rows that differ: a diff of whole dumps would take minutes to draw. */
export function assertSameRows(
  actual: Readonly<Record<string, readonly string[]>>,
  expected: Readonly<Record<string, readonly string[]>>,
): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [table, rows] of Object.entries(expected)) {
    const given = actual[table] ?? [];
    const at = rows.findIndex((row, index) => row !== given[index]);
    assert.equal(at < 0 ? undefined : given[at], at < 0 ? undefined : rows[at], `row ${at} of ${table}`);
    assert.equal(given.length, rows.length, `rows of ${table}`);
  }
}

/**
 * INV3 and INV4: one root for each size, a consistency proof between each checkpoint and the next, and the newest equals the log's
 * own root. Returns the roots by size.
 */
export async function checkCheckpoints(databaseUrl: string): Promise<Map<bigint, string>> {
  return withSql(databaseUrl, async (sql) => {
    const rows = await sql<
      { size: bigint; root: Uint8Array }[]
    >`SELECT size, root FROM checkpoint ORDER BY size`;
    const anchors = await sql<
      { size: bigint; root: Uint8Array }[]
    >`SELECT size, root FROM anchor ORDER BY size`;
    const [state] = await sql<{ size: bigint; root: Uint8Array }[]>`SELECT size, root FROM log_state`;
    const readTile = async (level: number, index: bigint) => {
      const [tile] = await sql<{ width: number; hashes: Uint8Array }[]>`
        SELECT width, hashes FROM tile WHERE level = ${level} AND tile_index = ${index}`;
      return tile ?? null;
    };
    const tops = [...rows, ...(state === undefined ? [] : [state])];
    for (const [at, to] of tops.entries()) {
      const from = tops[at - 1];
      if (to.size === 0n) {
        if (!equalBytes(to.root, EMPTY_ROOT)) throw new Error("the empty log has a root");
        continue;
      }
      if (from === undefined) continue;
      const path = await consistencyPath(from.size, to.size, readNodeFromTiles(readTile));
      const claim = { fromSize: from.size, fromRoot: from.root, toSize: to.size, toRoot: to.root, path };
      if (!verifyConsistency(claim)) throw new Error(`size ${to.size} does not extend size ${from.size}`);
    }
    const roots = new Map(rows.map(({ size, root }) => [size, Buffer.from(root).toString("hex")]));
    for (const { size, root } of anchors) {
      if (roots.get(size) !== Buffer.from(root).toString("hex"))
        throw new Error(`anchor ${size} has no checkpoint`);
    }
    return roots;
  });
}

export async function withSql<Result>(
  databaseUrl: string,
  work: (sql: postgres.Sql<{ bigint: bigint }>) => Promise<Result>,
): Promise<Result> {
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    types: { bigint: postgres.BigInt },
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** What a child is told. */
export type ChildOrder = {
  readonly env: Readonly<Record<string, string>>;
  /** The process kills itself with SIGKILL when it passes this stage for the n-th time. */
  readonly kill?: { readonly stage: Stage; readonly nth: number };
};

export type IndexerChild = {
  readonly process: ChildProcess;
  /** Signal that ended it, or its exit code. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
  /** Bytes that live on its heap and outside of it, after a garbage collection. */
  readonly memory: () => Promise<number>;
};

const CHILD = fileURLToPath(new URL("indexerChild.ts", import.meta.url));

/** Starts an indexer in a process of its own, and waits until it serves or is dead. */
export async function startChild(
  world: World,
  databaseUrl: string,
  order: Partial<ChildOrder> = {},
): Promise<IndexerChild> {
  const env = {
    DATABASE_URL: databaseUrl,
    STEMMA_RPC_URL: world.chain.rpcUrl,
    STEMMA_DEPLOYMENTS_DIR: world.directory,
    STEMMA_DATA_DIR: join(world.directory, "data"),
    STEMMA_API_PORT: "0",
    STEMMA_LOG_SEED: SEED,
    STEMMA_CHECKPOINT_INTERVAL_MS: "20",
    STEMMA_ANCHOR_INTERVAL_MS: "0",
    STEMMA_LOG_LEVEL: "error",
    ...order.env,
  };
  const child = fork(CHILD, [JSON.stringify({ ...order, env })], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(
    ([code, signal]) => (signal ?? code) as NodeJS.Signals | number | null,
  );
  await Promise.race([once(child, "message"), ended]);
  const memory = async () => {
    child.send("memory");
    const [answer] = (await once(child, "message")) as [{ bytes: number }];
    return answer.bytes;
  };
  return { process: child, ended, memory };
}
