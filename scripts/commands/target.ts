import { type Deployment, readDeployment } from "../../deployments/index.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";

/** The flags by which every command is told where chain and indexer are. */
export type TargetFlags = {
  readonly network?: string;
  readonly rpc?: string;
  readonly api?: string;
  readonly deployments?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_NETWORK = "localhost";
const DEFAULT_RPC_URL = "http://127.0.0.1:8545";
const DEFAULT_API_URL = "http://127.0.0.1:4000";

/** Name of the network: the flag, then STEMMA_NETWORK, then localhost. */
export function networkOf(flags: TargetFlags, env: Environment = process.env): string {
  return flags.network ?? (env.STEMMA_NETWORK || DEFAULT_NETWORK);
}

/** @throws USAGE where a network other than localhost has no URL. */
export function rpcUrlOf(flags: TargetFlags, env: Environment = process.env): string {
  const given = flags.rpc ?? (env.STEMMA_RPC_URL || undefined);
  if (given !== undefined) return checkUrl(given, "--rpc");
  const network = networkOf(flags, env);
  if (network === DEFAULT_NETWORK)
    return checkUrl(env.LOCALHOST_RPC_URL || DEFAULT_RPC_URL, "LOCALHOST_RPC_URL");
  throw new StemmaError("USAGE", { problem: `The network ${network} needs --rpc or STEMMA_RPC_URL` });
}

export function apiUrlOf(flags: TargetFlags, env: Environment = process.env): string {
  return checkUrl(flags.api ?? (env.STEMMA_URL || DEFAULT_API_URL), "--api");
}

/** @throws DEPLOYMENT_MISSING, DEPLOYMENT_INVALID */
export function deploymentOf(flags: TargetFlags, env: Environment = process.env): Deployment {
  const directory = flags.deployments ?? (env.STEMMA_DEPLOYMENTS_DIR || undefined);
  return readDeployment(networkOf(flags, env), directory === undefined ? {} : { directory });
}

/** A flag that has to be `bytes` bytes of hex. @throws USAGE */
export function hexFlag(value: string, flag: string, bytes: number): Hex {
  if (value.length === 2 + bytes * 2 && /^0x[0-9a-fA-F]*$/.test(value)) return value.toLowerCase() as Hex;
  throw new StemmaError("USAGE", {
    problem: `${flag} must be 0x and ${bytes * 2} hexadecimal digits, got ${value.slice(0, 80)}`,
  });
}

/** A flag that has to be a whole number. @throws USAGE */
export function numberFlag(value: string, flag: string): bigint {
  if (/^\d{1,20}$/.test(value)) return BigInt(value);
  throw new StemmaError("USAGE", { problem: `${flag} must be a whole number, got ${value.slice(0, 80)}` });
}

function checkUrl(value: string, flag: string): string {
  if (URL.canParse(value) && /^https?:/.test(value)) return value;
  throw new StemmaError("USAGE", {
    problem: `${flag} must be an http or https URL, got ${value.slice(0, 80)}`,
  });
}
