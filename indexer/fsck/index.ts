import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "../../deployments/index.ts";
import { bytesToHex, type Hex } from "../../protocol/bytes.ts";
import { logId } from "../../protocol/checkpoint.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { createChainSource } from "../chain/createChainSource.ts";
import { positionOf } from "../model/position.ts";
import type { Ownership } from "../model/store.ts";
import { createStore, startEmbeddedPostgres } from "../store/index.ts";
import { type InspectedRow, type InspectedTable, type Inspection, inspectStore } from "../store/inspect.ts";
import { createChainReader } from "./chainReader.ts";
import { checkAnchors } from "./checkAnchors.ts";
import { checkCheckpoints, createRootOf } from "./checkCheckpoints.ts";
import { compareTables } from "./compareTables.ts";
import type { Difference } from "./difference.ts";
import { rebuild } from "./rebuild.ts";

export type { Difference } from "./difference.ts";

export type FsckConfig = {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** PostgreSQL URL of an empty database for the fresh index; an embedded server in a temporary folder by default. */
  readonly scratchUrl?: string;
};

export type FsckProgress = { readonly step: string; readonly done: bigint; readonly of: bigint };

export type FsckOptions = {
  readonly onDifference: (difference: Difference) => void;
  readonly onProgress?: (progress: FsckProgress) => void;
  readonly signal?: AbortSignal;
};

export type FsckReport = {
  readonly differences: number;
  /** Last final block of the database; rows above it are not compared. Null for an empty database. */
  readonly block: bigint | null;
  readonly logSize: bigint;
};

/** Tables whose rows are places on the chain, with the column that says so. */
const CHAIN_TABLES = {
  record: "id",
  edge: "child",
  unresolved_parent: "child",
  namespace: "id",
  dataset: "id",
  writer_grant: "id",
  transfer: "id",
  superseded: "id",
  access: "id",
  policy: "id",
  endorsement: "id",
  validated: "id",
  quarantine: "id",
} as const satisfies Partial<Record<InspectedTable, string>>;

/**
 * Checks a database of the indexer: its rows against a fresh index of the chain, entries and tiles against the tree that they
 * give, checkpoints against that tree and the log's key, anchors against the contract. Writes nothing to the database, and reads it
 * as it was at one moment, so an indexer may go on working.
 *
 * @throws STORE_UNAVAILABLE, RPC_UNREACHABLE, DATABASE_OWNED_BY_OTHER
 */
export async function runFsck(config: FsckConfig, options: FsckOptions): Promise<FsckReport> {
  const found = await inspectStore(config.databaseUrl);
  try {
    const owner = await found.ownership();
    if (owner === null) {
      throw new StemmaError("STORE_FAILED", { reason: "it holds no index of Stemma" });
    }
    checkOwner(owner, config.deployment);
    return await check(found, owner, config, options);
  } finally {
    await found.close();
  }
}

async function check(
  found: Inspection,
  owner: Ownership,
  config: FsckConfig,
  { onDifference, onProgress = () => undefined, signal }: FsckOptions,
): Promise<FsckReport> {
  let differences = 0;
  const tell = (difference: Difference) => {
    differences += 1;
    onDifference(difference);
  };
  const { deployment, rpcUrl } = config;
  const log = await firstRow(found, "log_state");
  const logSize = BigInt(String(log?.size ?? 0));
  const final = await found.finalized();
  if (final === null) return { differences, block: null, logSize };

  const anchor = deployment.contracts.CheckpointAnchor.address as Hex;
  const chain = createChainReader(rpcUrl, { anchor, logId: logId(owner.logOrigin) });
  const head = await chain.head();
  const hash = head < final.number ? null : await chain.blockHash(final.number);
  if (hash !== bytesToHex(final.hash)) {
    const given = hash ?? `missing: the chain ends at block ${head}`;
    const detail = `the database's final block is ${bytesToHex(final.hash)}, the chain's is ${given}`;
    tell({ where: "chain", key: final.number.toString(), problem: "changed", detail });
    return { differences, block: final.number, logSize };
  }

  await using scratch = await openScratch(config.scratchUrl);
  const registry = deployment.contracts.ProvenanceRegistry.address as Hex;
  const source = await createChainSource(
    { rpcUrl, registry },
    { startBlock: deployment.startBlock, genesisHash: deployment.genesisHash },
  );
  await using store = await openStore(scratch.url);
  await rebuild(source, store.store, {
    registry,
    block: final.number,
    logSize,
    onProgress: ({ block, of }) => onProgress({ step: "reading the chain", done: block, of }),
    signal,
  });
  const truth = await inspectStore(scratch.url);
  try {
    const above = positionOf(final.number + 1n, 0);
    const tables = [
      ...Object.entries(CHAIN_TABLES),
      ["entry", null],
      ["tile", null],
      ["log_state", null],
    ] as const;
    for (const [index, [table, column]] of tables.entries()) {
      onProgress({ step: `comparing ${table}`, done: BigInt(index), of: BigInt(tables.length) });
      const skip = (row: InspectedRow) => column !== null && BigInt(String(row[column])) >= above;
      const compared = compareTables(found, truth, table as InspectedTable, {
        ignore: ["sequenced_at"],
        skip,
      });
      for await (const difference of compared) tell(difference);
      signal?.throwIfAborted();
    }
    const rebuilt = await store.store.log.state();
    const rootOf = createRootOf(store.store.log, rebuilt.size);
    for await (const difference of checkCheckpoints(found, rootOf, owner)) tell(difference);
    const blocks = { from: deployment.startBlock, to: final.number };
    for await (const difference of checkAnchors(found, chain, rootOf, blocks)) tell(difference);
  } finally {
    await truth.close();
  }
  return { differences, block: final.number, logSize };
}

/** @throws DATABASE_OWNED_BY_OTHER naming the first field that isn't the deployment's. */
function checkOwner(owner: Ownership, deployment: Deployment): void {
  const { contracts } = deployment;
  const fields = [
    ["chain id", owner.chain.chainId.toString(), deployment.chainId.toString()],
    ["genesis block", bytesToHex(owner.chain.genesisHash), deployment.genesisHash.toLowerCase()],
    ["registry", bytesToHex(owner.registry), contracts.ProvenanceRegistry.address.toLowerCase()],
    ["checkpoint anchor", bytesToHex(owner.anchor), contracts.CheckpointAnchor.address.toLowerCase()],
  ] as const;
  for (const [field, stored, given] of fields) {
    if (stored !== given) throw new StemmaError("DATABASE_OWNED_BY_OTHER", { field, stored, given });
  }
}

async function firstRow(inspection: Inspection, table: InspectedTable): Promise<InspectedRow | null> {
  for await (const row of inspection.rows(table)) return row;
  return null;
}

async function openScratch(given: string | undefined): Promise<AsyncDisposable & { readonly url: string }> {
  if (given !== undefined) return { url: given, [Symbol.asyncDispose]: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-fsck-"));
  // Nothing of it has to survive: a fresh index that is lost is made again.
  const settings = { fsync: "off", full_page_writes: "off", synchronous_commit: "off" };
  const server = await startEmbeddedPostgres({ dataDir, settings });
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      for (const folder of [dataDir, server.dataDir]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openStore(url: string) {
  const store = await createStore({ url });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
