import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { StemmaError } from "../protocol/errors.ts";
import {
  type ContractName,
  chainFileSchema,
  contractFileSchema,
  type DeployedContract,
  type Deployment,
} from "./schema.ts";

export type { ContractName, DeployedContract, Deployment } from "./schema.ts";

/** Folder that `npx hardhat deploy` writes to unless it is told otherwise. */
export const deploymentsDirectory = fileURLToPath(new URL(".", import.meta.url));

const networkNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** True where `network` can be the name of a network, and so of its folder. */
export function isNetworkName(network: string): boolean {
  return networkNamePattern.test(network);
}

/**
 * The deployment of a network, as the deploy task wrote it. It says nothing about the chain of today: whoever connects compares
 * `chainId` and `genesisHash`.
 *
 * @throws DEPLOYMENT_MISSING where nothing, or only an unfinished deployment, is there; DEPLOYMENT_INVALID where a file is
 * broken or speaks of another network.
 * @example
 * const { contracts, startBlock } = readDeployment("localhost");
 * contracts.ProvenanceRegistry.address; // "0x…"
 */
export function readDeployment(network: string, options: { readonly directory?: string } = {}): Deployment {
  const directory = options.directory ?? deploymentsDirectory;
  const missing = () => new StemmaError("DEPLOYMENT_MISSING", { network, directory });
  if (!isNetworkName(network)) throw missing();
  const chainFile = join(directory, network, "chain.json");
  const chainJson = readJson(chainFile);
  if (chainJson === undefined) throw missing();
  const { format: _, ...chain } = parse(chainFileSchema, chainJson, chainFile);
  if (chain.network !== network) throw invalid(chainFile, `it is of the network ${chain.network}`);
  return {
    ...chain,
    contracts: {
      AccessManager: readContract(directory, network, "AccessManager"),
      ProvenanceRegistry: readContract(directory, network, "ProvenanceRegistry"),
      CheckpointAnchor: readContract(directory, network, "CheckpointAnchor"),
    },
  };
}

function readContract(directory: string, network: string, name: ContractName): DeployedContract {
  const file = join(directory, network, `${name}.json`);
  const json = readJson(file);
  if (json === undefined) throw invalid(file, "it is missing");
  const { format: _, contract, ...rest } = parse(contractFileSchema, json, file);
  if (contract !== name) throw invalid(file, `it is of the contract ${contract}`);
  return rest;
}

/** The parsed file, or undefined where there is none. */
function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw invalid(file, error instanceof Error ? error.message : String(error), error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, "it is not JSON", error);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw invalid(file, z.prettifyError(result.error).replaceAll("\n", " "), result.error);
  }
  return result.data;
}

function invalid(file: string, reason: string, cause?: unknown): StemmaError<"DEPLOYMENT_INVALID"> {
  return new StemmaError("DEPLOYMENT_INVALID", { file, reason }, { cause });
}
