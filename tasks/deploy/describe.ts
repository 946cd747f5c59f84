import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { keccak256 } from "viem";
import { z } from "zod";
import { type ContractName, contractNames, type Deployment } from "../../deployments/schema.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { ChainReader } from "./chain.ts";
import { type NetworkFolder, writeJsonAtomically } from "./files.ts";
import type { IgnitedContract } from "./ignite.ts";

const buildInfoSchema = z.looseObject({
  solcLongVersion: z.string(),
  input: z.looseObject({ settings: z.record(z.string(), z.unknown()) }),
});

/** Everything of a compiled contract that a deployment keeps. */
type Compiled = {
  readonly abi: readonly object[];
  readonly creationCodeHash: Hex;
  readonly compiler: { readonly version: string; readonly settings: Record<string, unknown> };
};

/** Reads a contract as it is compiled now. */
async function readCompiled(hre: HardhatRuntimeEnvironment, name: ContractName): Promise<Compiled> {
  const artifact = await hre.artifacts.readArtifact(name);
  const id = await hre.artifacts.getBuildInfoId(name);
  const path = id === undefined ? undefined : await hre.artifacts.getBuildInfoPath(id);
  if (path === undefined)
    throw new StemmaError("ASSERTION_FAILED", { what: `${name} has no build information` });
  const { solcLongVersion, input } = buildInfoSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  // Which outputs were asked for doesn't change the code.
  const { outputSelection: _, ...settings } = input.settings;
  return {
    abi: artifact.abi,
    creationCodeHash: keccak256(artifact.bytecode as Hex),
    compiler: { version: solcLongVersion, settings },
  };
}

/** Names of contracts whose compiled code is no longer what was deployed. */
export async function changedContracts(
  hre: HardhatRuntimeEnvironment,
  deployment: Deployment,
): Promise<ContractName[]> {
  const changed: ContractName[] = [];
  for (const name of contractNames) {
    const { creationCodeHash } = await readCompiled(hre, name);
    if (creationCodeHash !== deployment.contracts[name].creationCodeHash) changed.push(name);
  }
  return changed;
}

/** Writes the files of the folder, `chain.json` last: with it the deployment counts as whole. */
export async function writeDeployment(
  hre: HardhatRuntimeEnvironment,
  folder: NetworkFolder,
  chain: ChainReader,
  contracts: Record<ContractName, IgnitedContract>,
  about: { readonly network: string; readonly deployer: string; readonly log: Deployment["log"] },
): Promise<void> {
  const blocks: bigint[] = [];
  for (const name of contractNames) {
    const { address, transactionHash, constructorArgs } = contracts[name];
    const { abi, creationCodeHash, compiler } = await readCompiled(hre, name);
    const { blockNumber } = await chain.client.getTransactionReceipt({ hash: transactionHash });
    blocks.push(blockNumber);
    writeJsonAtomically(join(folder.path, `${name}.json`), {
      format: "stemma-contract/1",
      contract: name,
      address,
      transactionHash,
      blockNumber,
      constructorArgs,
      codeHash: await chain.codeHash(address),
      creationCodeHash,
      compiler,
      abi,
    });
  }
  writeJsonAtomically(folder.chain, {
    format: "stemma-deployment/1",
    network: about.network,
    chainId: chain.identity.chainId,
    genesisHash: chain.identity.genesisHash,
    startBlock: blocks.reduce((least, block) => (block < least ? block : least)),
    deployer: about.deployer.toLowerCase(),
    log: about.log,
  });
}
