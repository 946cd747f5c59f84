import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Deployment } from "../../deployments/index.ts";
import { readDeployment } from "../../deployments/index.ts";
import { contractNames } from "../../deployments/schema.ts";
import type { ChainIdentity, ChainReader } from "./chain.ts";
import { type NetworkFolder, readStarted } from "./files.ts";
import { deployedAddresses } from "./journal.ts";

/** What the folder of a network holds, seen from the chain as it is now. */
export type FolderState =
  | { readonly kind: "EMPTY" }
  | { readonly kind: "UNFINISHED"; readonly started: ChainIdentity }
  | { readonly kind: "WHOLE"; readonly deployment: Deployment }
  /** The folder is of a chain that no longer exists. */
  | { readonly kind: "RESET"; readonly reason: string };

/**
 * Compares the folder with the chain. A development chain that was started anew has another genesis block or, where two were
 * started within a second, at least no code at our addresses.
 *
 * @throws DEPLOYMENT_INVALID where a file of the folder is broken.
 */
export async function inspectFolder(
  folder: NetworkFolder,
  network: string,
  chain: ChainReader,
): Promise<FolderState> {
  const started = readStarted(folder);
  const isWhole = existsSync(folder.chain);
  if (!isWhole && started === undefined) return { kind: "EMPTY" };

  const deployment = isWhole ? readDeployment(network, { directory: dirname(folder.path) }) : undefined;
  const known = deployment ?? started;
  if (known !== undefined) {
    const reason = identityChange(known, chain.identity);
    if (reason !== undefined) return { kind: "RESET", reason };
  }
  if (deployment !== undefined) {
    for (const name of contractNames) {
      const { address, codeHash } = deployment.contracts[name];
      const found = await chain.codeHash(address);
      if (found === undefined) return { kind: "RESET", reason: `no ${name} is at ${address}` };
      if (found !== codeHash)
        return { kind: "RESET", reason: `another contract is at ${address} of ${name}` };
    }
    return { kind: "WHOLE", deployment };
  }
  for (const [name, address] of Object.entries(deployedAddresses(folder.journal))) {
    if ((await chain.codeHash(address)) === undefined) {
      return { kind: "RESET", reason: `${name.split("#")[1] ?? name}, deployed to ${address}, is gone` };
    }
  }
  return started === undefined ? { kind: "EMPTY" } : { kind: "UNFINISHED", started };
}

function identityChange(
  known: { readonly chainId: number | bigint; readonly genesisHash: string },
  current: ChainIdentity,
): string | undefined {
  if (BigInt(known.chainId) !== BigInt(current.chainId)) {
    return `its chain id was ${known.chainId} and is ${current.chainId}`;
  }
  if (known.genesisHash !== current.genesisHash) {
    return `its genesis block was ${known.genesisHash} and is ${current.genesisHash}`;
  }
  return undefined;
}
