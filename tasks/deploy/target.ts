import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { isNetworkName } from "../../deployments/index.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { shortReason } from "./chain.ts";

/** The network that a deployment goes to. */
export type DeployTarget = {
  readonly network: string;
  readonly url: string;
  readonly chainId: number | undefined;
};

const defaultNetwork = "localhost";

/**
 * The network named on the command line; `localhost` where none is named, because Hardhat's own default is forgotten when the
 * command ends.
 *
 * @throws DEPLOY_NETWORK_UNKNOWN where the name or its URL leads nowhere.
 */
export async function chooseTarget(hre: HardhatRuntimeEnvironment): Promise<DeployTarget> {
  const network = hre.globalOptions.network ?? defaultNetwork;
  const unknown = (reason: string, cause?: unknown) =>
    new StemmaError("DEPLOY_NETWORK_UNKNOWN", { network, reason }, { cause });
  const config = hre.config.networks[network];
  if (config === undefined) throw unknown("the configuration has no such network");
  if (config.type !== "http") {
    throw unknown("it lives in this process and is forgotten when the command ends");
  }
  if (!isNetworkName(network)) throw unknown("its name can't be the name of a folder");
  try {
    return { network, url: await config.url.getUrl(), chainId: config.chainId };
  } catch (error) {
    throw unknown(`its URL isn't known: ${shortReason(error)}`, error);
  }
}
