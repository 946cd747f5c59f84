import type { ConnectionOptions } from "../../client/index.ts";
import { apiUrlOf, type TargetFlags } from "./target.ts";

const NO_ADDRESS = `0x${"00".repeat(20)}` as const;

/** Options of a client that only asks the indexer: no chain and no deployment are needed. */
export function apiConnection(flags: TargetFlags): ConnectionOptions {
  const apiUrl = apiUrlOf(flags);
  return { apiUrl, rpcUrl: apiUrl, addresses: { registry: NO_ADDRESS } };
}
