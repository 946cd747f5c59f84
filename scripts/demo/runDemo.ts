import { join } from "node:path";
import { pino } from "pino";
import { privateKeyToAccount } from "viem/accounts";
import { createStemmaClient } from "../../client/index.ts";
import { readDeployment } from "../../deployments/index.ts";
import { parseConfig } from "../../indexer/main.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { checkOneRecord } from "./checkOneRecord.ts";
import { deployContracts } from "./deploy.ts";
import { explainServing } from "./explainServing.ts";
import { importHistory } from "./importHistory.ts";
import { createNarrator } from "./narrator.ts";
import { startChain } from "./startChain.ts";
import { startIndexerSomewhere } from "./startIndexerSomewhere.ts";
import { waitUntilAnchored } from "./waitUntilAnchored.ts";
import { openWorkspace } from "./workspace.ts";

export type DemoOptions = {
  /** Folder whose git history is imported. */
  readonly history: string;
  /** End after the proof instead of serving on. */
  readonly once: boolean;
  /** Usual ports; free ones are taken where these are in use. */
  readonly chainPort: number;
  readonly apiPort: number;
  /** Called once everything serves; resolves when it should end. */
  readonly stop: () => Promise<void>;
  readonly write: (line: string) => void;
};

/** What the demo showed; printed as the last line. */
export type DemoResult = {
  readonly records: number;
  readonly entries: number;
  readonly checkpointSize: number;
  readonly proofVerified: boolean;
  readonly tamperRefused: boolean;
  readonly seconds: number;
};

/**
 * The main job on one machine: chain, contracts, database, indexer, a real history, one proof checked and one lie refused.
 *
 * @throws DEMO_GIT_MISSING, DEMO_STEP_FAILED, and what the parts throw. Everything started is stopped again.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const narrator = createNarrator(options.write, () => performance.now());
  await using started = new AsyncDisposableStack();

  const workspace = await openWorkspace();
  started.defer(() => workspace.remove());
  if (workspace.swept > 0) narrator.say(`Removed what ${workspace.swept} killed demo(s) left behind.`);

  const chain = await startChain(options.chainPort);
  started.defer(() => chain.stop());
  narrator.say(`A development chain runs at ${chain.rpcUrl} (chain ${chain.chainId}, kept in memory).`);

  const deploymentsDir = join(workspace.folder, "deployments");
  await deployContracts(chain.rpcUrl, deploymentsDir);
  const deployment = readDeployment("localhost", { directory: deploymentsDir });
  narrator.say("The contracts are deployed: they accept records, and anchors of the log.");
  narrator.detail(`registry ${deployment.contracts.ProvenanceRegistry.address}`);
  narrator.detail(`anchor   ${deployment.contracts.CheckpointAnchor.address}`);

  const indexer = await startIndexerSomewhere(
    parseConfig({
      STEMMA_NETWORK: "localhost",
      STEMMA_RPC_URL: chain.rpcUrl,
      STEMMA_DATA_DIR: join(workspace.folder, "data"),
      STEMMA_DEPLOYMENTS_DIR: deploymentsDir,
      STEMMA_API_PORT: String(options.apiPort),
      STEMMA_CHECKPOINT_INTERVAL_MS: "1000",
    }),
    { logger: pino({ level: "error" }, pino.destination(2)) },
  );
  started.defer(() => indexer.stop());
  narrator.say(`PostgreSQL and the indexer run; the API answers at ${indexer.url}/graphql.`);

  const [author] = chain.accounts.slice(1);
  if (author === undefined) throw new StemmaError("ASSERTION_FAILED", { what: "a chain without accounts" });
  const client = createStemmaClient({
    rpcUrl: chain.rpcUrl,
    deployment,
    account: privateKeyToAccount(author.privateKey),
    apiUrl: indexer.url,
  });
  const records = await importHistory(client, narrator, {
    history: options.history,
    folder: workspace.folder,
  });
  const progress = await waitUntilAnchored(client, records, narrator);
  const check = await checkOneRecord(
    { client, narrator },
    { logKey: indexer.logKey, folder: workspace.folder },
  );
  const result = {
    records,
    entries: progress.entries,
    checkpointSize: check.checkpointSize,
    proofVerified: check.proofVerified,
    tamperRefused: check.tamperRefused,
    seconds: narrator.seconds(),
  };
  if (!options.once) {
    explainServing(narrator, { apiUrl: indexer.url, rpcUrl: chain.rpcUrl, deploymentsDir, check });
    await options.stop();
    narrator.say("Stopping everything.");
  }
  return result;
}
