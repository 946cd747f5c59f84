import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex, type Hex, hexToBytes } from "../protocol/bytes.ts";
import { StemmaError } from "../protocol/errors.ts";
import { developmentKey } from "./anchor/developmentKey.ts";
import type { IndexerConfig } from "./config.ts";

/** The chain id of Hardhat's and Anvil's chains, which hold nothing of value. */
const DEVELOPMENT_CHAIN_ID = 31_337n;

/** What the indexer signs with, and where a secret came from if nobody gave it. */
export type SigningSecrets = {
  /** Ed25519 seed of the log. */
  readonly seed: Uint8Array;
  /** Private key of the log's operator. */
  readonly anchorKey: Hex;
  /** What an operator should know of secrets that were made up, for the log. */
  readonly notices: readonly string[];
};

/**
 * The secrets of the configuration. On a development chain, and only there, missing ones are made up: the log's seed is kept in the
 * data directory, readable for its owner alone, and the anchor's key is the public development account that operates the log.
 *
 * @throws CONFIG_KEY_MISSING on every other chain
 */
export function readSecrets(
  config: Pick<IndexerConfig, "network" | "log" | "anchor" | "dataDir">,
  { chainId, operator }: { chainId: bigint; operator: Hex },
): SigningSecrets {
  const { network } = config;
  const isDevelopment = chainId === DEVELOPMENT_CHAIN_ID;
  const notices: string[] = [];
  const given = config.log.seed?.reveal();
  if (given === undefined && !isDevelopment) {
    throw new StemmaError("CONFIG_KEY_MISSING", { key: "STEMMA_LOG_SEED", network });
  }
  const givenKey = config.anchor.key?.reveal() ?? (isDevelopment ? developmentKey(operator) : null);
  if (givenKey === null) throw new StemmaError("CONFIG_KEY_MISSING", { key: "STEMMA_ANCHOR_KEY", network });
  if (given === undefined)
    notices.push("development chain: the log is signed with a seed kept in the data directory");
  if (config.anchor.key === null) {
    notices.push("development chain: checkpoints are anchored by a public development account");
  }
  const seed = given ?? keptSeed(config.dataDir);
  return {
    seed: hexToBytes(seed, { bytes: 32, field: "STEMMA_LOG_SEED" }),
    anchorKey: bytesToHex(hexToBytes(givenKey, { bytes: 32, field: "STEMMA_ANCHOR_KEY" })),
    notices,
  };
}

/** A seed that stays the same from run to run: a log's key is part of its identity. */
function keptSeed(dataDir: string): string {
  const file = join(dataDir, "development-log-seed");
  mkdirSync(dataDir, { recursive: true });
  try {
    // Fails where the file exists: whoever came first has made the seed.
    writeFileSync(file, `${bytesToHex(randomBytes(32))}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(file, "utf8").trim();
}
