import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configVariable } from "hardhat/config";
import type { HttpNetworkUserConfig } from "hardhat/types/config";
import { z } from "zod";
import { isNetworkName } from "../deployments/index.ts";

/** Where running clusters leave word of themselves. */
const clusterNetworksDirectory = join(".stemma", "networks");

const clusterNetworkSchema = z.object({
  name: z.string().refine(isNetworkName, "is not a network name"),
  rpcUrl: z.url({ protocol: /^https?$/ }),
  chainId: z.int().positive(),
});

/**
 * The networks that Hardhat knows: `localhost` (`LOCALHOST_RPC_URL`), `remote` (`STEMMA_RPC_URL`, with `STEMMA_DEPLOYER_KEY`) and
 * those of running clusters. Keys are configuration variables: from the environment or Hardhat's keystore, never from files.
 */
export function stemmaNetworks(
  environment: NodeJS.ProcessEnv,
  options: { readonly root: string },
): Record<string, HttpNetworkUserConfig> {
  const deployer = [configVariable("STEMMA_DEPLOYER_KEY")];
  const remoteChainId = environment.STEMMA_CHAIN_ID;
  return {
    ...clusterNetworks(join(options.root, clusterNetworksDirectory)),
    localhost: {
      type: "http",
      url: environment.LOCALHOST_RPC_URL ?? "http://127.0.0.1:8545",
      chainId: 31337,
      accounts: environment.STEMMA_DEPLOYER_KEY === undefined ? "remote" : deployer,
    },
    remote: {
      type: "http",
      url: configVariable("STEMMA_RPC_URL"),
      accounts: deployer,
      ...(remoteChainId === undefined
        ? {}
        : { chainId: z.coerce.number().int().positive().parse(remoteChainId) }),
    },
  };
}

function clusterNetworks(directory: string): Record<string, HttpNetworkUserConfig> {
  const networks: Record<string, HttpNetworkUserConfig> = {};
  for (const file of listJsonFiles(directory)) {
    try {
      const { name, rpcUrl, chainId } = clusterNetworkSchema.parse(
        JSON.parse(readFileSync(join(directory, file), "utf8")),
      );
      networks[name] = {
        type: "http",
        url: rpcUrl,
        chainId,
        accounts: [configVariable("STEMMA_DEPLOYER_KEY")],
      };
    } catch (error) {
      // A broken file of one cluster must not take every other Hardhat command down.
      const reason = error instanceof Error ? error.message : String(error);
      console.warn(`Ignored ${join(directory, file)}: ${reason}`);
    }
  }
  return networks;
}

function listJsonFiles(directory: string): string[] {
  try {
    return readdirSync(directory).filter((file) => file.endsWith(".json"));
  } catch {
    return [];
  }
}
