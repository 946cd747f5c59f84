import { pino } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { readDeployment } from "../deployments/index.ts";
import { hexToBytes } from "../protocol/bytes.ts";
import { logId } from "../protocol/checkpoint.ts";
import { describeError, isStemmaError } from "../protocol/errors.ts";
import { createNoteSigner } from "../protocol/signedNote.ts";
import { createAnchorer } from "./anchor/anchorer.ts";
import { type ApiLogger, createApi } from "./api/index.ts";
import { createPipelineMetrics } from "./api/pipelineMetrics.ts";
import { createChainSource } from "./chain/createChainSource.ts";
import { configFlags, type IndexerConfig, parseConfig } from "./config.ts";
import { readSecrets } from "./developmentSecrets.ts";
import { createHasher } from "./log/index.ts";
import type { Probe } from "./model/probe.ts";
import { checkIdentity } from "./pipeline/identity.ts";
import { createLateSource } from "./pipeline/lateSource.ts";
import { createPipeline, type PipelineStatus } from "./pipeline/pipeline.ts";
import { createStore, startEmbeddedPostgres } from "./store/index.ts";

export { type IndexerConfig, parseConfig } from "./config.ts";
export { describeDatabase } from "./fsck/describeDatabase.ts";
export { type Difference, type FsckConfig, type FsckReport, runFsck } from "./fsck/index.ts";
export { startEmbeddedPostgres } from "./store/index.ts";

/** Parts that a test or the demo brings along. */
export type StartOptions = {
  readonly logger?: ApiLogger;
  readonly probe?: Probe;
};

/** An indexer that runs. */
export type RunningIndexer = {
  /** Where the API listens. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly logOrigin: string;
  /** C2SP verifier key of the log. */
  readonly logKey: string;
  readonly status: () => PipelineStatus;
  /** Finishes the steps in hand and closes everything. Safe to call twice. */
  readonly stop: () => Promise<void>;
};

/** How long a clean shutdown may take before the process is ended regardless. */
const SHUTDOWN_MS = 10_000;
const ANCHOR_REQUEST_TIMEOUT_MS = 5_000;

/**
 * Starts everything that belongs to one indexer: database, store, chain source, API and pipeline. What was started is stopped again
 * where a later part fails.
 *
 * @throws DEPLOYMENT_MISSING, CONFIG_KEY_MISSING, INDEXER_CHAIN_MISMATCH, INDEXER_CHAIN_RESET,
 * DATABASE_OWNED_BY_OTHER, API_PORT_TAKEN, and what store and
 * embedded PostgreSQL throw. A node that is down is waited for.
 * @example
 * const indexer = await startIndexer(parseConfig(process.env));
 * console.log(indexer.url);
 * await indexer.stop();
 */
export async function startIndexer(
  config: IndexerConfig,
  options: StartOptions = {},
): Promise<RunningIndexer> {
  const logger = options.logger ?? pino({ level: config.logLevel });
  const clock = { now: Date.now };
  const { network } = config;
  const deployment = readDeployment(
    network,
    config.deploymentsDir === null ? {} : { directory: config.deploymentsDir },
  );
  const { chainId, startBlock, contracts } = deployment;
  const registry = contracts.ProvenanceRegistry.address;
  const anchor = contracts.CheckpointAnchor.address;
  const logOrigin = config.log.origin ?? deployment.log.origin;
  const secrets = readSecrets(config, { chainId, operator: deployment.log.operator });
  for (const notice of secrets.notices) logger.warn({ network }, notice);
  const signer = createNoteSigner({ name: logOrigin, seed: secrets.seed });

  await using started = new AsyncDisposableStack();
  const databaseUrl = config.databaseUrl ?? (await openDatabase(config.dataDir, started, logger));
  const store = await createStore({ url: databaseUrl });
  started.defer(() => store.close());
  const source = createLateSource(
    () =>
      createChainSource(
        { rpcUrl: config.rpcUrl, registry, clock },
        { finality: config.finality, startBlock, genesisHash: deployment.genesisHash },
      ),
    { finality: config.finality.driver === "auto" ? "tag" : config.finality.driver },
  );
  const expected = { network, chainId, genesisHash: hexToBytes(deployment.genesisHash) };
  const owner = {
    ...{ registry: hexToBytes(registry), anchor: hexToBytes(anchor) },
    ...{ logOrigin, logKey: signer.vkey },
  };
  // Before anything is served: another chain's rows must not be shown as this one's.
  await store.chain.claim({ ...owner, chain: expected });
  await checkIdentity(source, expected).catch((error: unknown) => {
    if (!isStemmaError(error) || !error.retry) throw error;
    logger.warn({ err: error }, "the node doesn't answer yet");
  });

  const hasher = await createHasher();
  started.defer(() => hasher.close());
  const registryOfMetrics = new Registry();
  collectDefaultMetrics({ register: registryOfMetrics });
  const metrics = createPipelineMetrics(registryOfMetrics);
  const anchorer = createAnchorer(
    {
      ...{ anchors: store.anchors, log: store.log, clock, probe: options.probe },
      notify: ({ type, size, transactionHash }) =>
        logger.info({ step: type, size, transactionHash }, "anchor moved on"),
    },
    {
      ...{ rpcUrl: config.rpcUrl, chainId, contract: anchor, fromBlock: startBlock },
      logId: logId(logOrigin),
      key: secrets.anchorKey,
      intervalMs: config.anchor.intervalMs,
      requestTimeoutMs: ANCHOR_REQUEST_TIMEOUT_MS,
    },
  );
  const pipeline = createPipeline(
    { source, store, hasher, signer, anchorer, clock, logger, metrics, probe: options.probe },
    {
      ...{ expected, registry, owner },
      checkpoint: config.checkpoint,
    },
  );
  const api = await createApi(
    {
      ...{ reader: store.reader, log: store.log, changes: store.changes, clock, logger },
      metrics: registryOfMetrics,
      health: { chain: source.health, halted: () => pipeline.status().halted, ping: store.ping },
      deployment: {
        ...{ network, chainId, registry, anchor, logOrigin, logKey: signer.vkey },
        get finality() {
          return source.finality;
        },
      },
    },
    { ...config.api, limits: { headAgeMs: config.readyHeadAgeMs } },
  );
  started.defer(() => api.close());
  const stopping = new AbortController();
  const running = pipeline.run(stopping.signal);
  started.defer(async () => {
    stopping.abort();
    await running;
  });
  logger.info(
    { network, chainId, registry, anchorAccount: anchorer.account, url: api.url },
    "indexer started",
  );

  const parts = started.move();
  let stopped: Promise<void> | null = null;
  return {
    url: api.url,
    databaseUrl,
    logOrigin,
    logKey: signer.vkey,
    status: pipeline.status,
    stop: () => {
      stopped ??= parts.disposeAsync();
      return stopped;
    },
  };
}

async function openDatabase(
  dataDir: string,
  started: AsyncDisposableStack,
  logger: ApiLogger,
): Promise<string> {
  const database = await startEmbeddedPostgres({ dataDir: `${dataDir}/postgres` });
  started.defer(() => database.stop());
  if (database.notice !== null) {
    logger.warn({ dataDir: database.dataDir, notice: database.notice }, "the database is kept elsewhere");
  }
  return database.url;
}

/** The command: runs until SIGTERM or SIGINT, exit code 0 after a clean shutdown. */
async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    const flags = Object.entries(configFlags).map(([flag, key]) => `  --${flag} <value>`.padEnd(38) + key);
    console.log(["npm run indexer -- [flags]", "", ...flags].join("\n"));
    return;
  }
  const config = parseConfig(process.env, args);
  const logger = pino({ level: config.logLevel });
  const asked = Promise.withResolvers<string>();
  const onSignal = (name: string) => {
    asked.resolve(name);
    // Counted from the signal, so that a start that hangs ends as well.
    setTimeout(() => {
      logger.error({ limitMs: SHUTDOWN_MS }, "shutdown takes too long");
      process.exit(1);
    }, SHUTDOWN_MS).unref();
  };
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, onSignal);
  // A signal that comes while things start is answered once they can be stopped.
  const indexer = await startIndexer(config, { logger });
  const signal = await asked.promise;
  logger.info({ signal }, "shutting down");
  await indexer.stop();
  logger.info({}, "stopped");
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
    process.exit(0);
  } catch (error) {
    console.error(describeError(error));
    process.exit(1);
  }
}
