import type { EthereumProvider } from "hardhat/types/providers";
import { type Address, isAddress } from "viem";
import { StemmaError } from "../../protocol/errors.ts";
import { type ChainReader, shortReason } from "./chain.ts";

/** Gas of the whole deployment: 6.4 M measured for the three contracts and the log, and some to spare. */
const deploymentGas = 8_000_000n;

/**
 * The first account that the network has a key for.
 *
 * @throws DEPLOY_NO_ACCOUNT where there is none.
 */
export async function deployerOf(network: string, provider: EthereumProvider): Promise<Address> {
  let accounts: unknown;
  try {
    accounts = await provider.request({ method: "eth_accounts" });
  } catch (error) {
    throw new StemmaError("DEPLOY_NO_ACCOUNT", { network, reason: shortReason(error) }, { cause: error });
  }
  const first: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  if (typeof first !== "string" || !isAddress(first, { strict: false })) {
    throw new StemmaError("DEPLOY_NO_ACCOUNT", { network, reason: "the node holds no unlocked account" });
  }
  return first;
}

/**
 * Makes sure that the account can pay for the deployment at today's price.
 *
 * @throws DEPLOY_UNFUNDED where it can't.
 */
export async function requireFunds(address: Address, chain: ChainReader): Promise<void> {
  const [balanceWei, priceWei] = await Promise.all([
    chain.client.getBalance({ address }),
    chain.client.getGasPrice(),
  ]);
  const neededWei = deploymentGas * priceWei;
  if (balanceWei < neededWei) throw new StemmaError("DEPLOY_UNFUNDED", { address, balanceWei, neededWei });
}
