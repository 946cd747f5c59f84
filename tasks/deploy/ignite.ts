import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  type DeploymentParameters,
  type DeploymentResult,
  DeploymentResultType,
  deploy,
  type IgnitionModule,
  listTransactions,
  type SolidityParameterType,
  type SuccessfulDeploymentResult,
} from "@nomicfoundation/ignition-core";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { EthereumProvider } from "hardhat/types/providers";
import type { Address } from "viem";
import { type ContractName, contractNames } from "../../deployments/schema.ts";
import { contractsModule } from "../../ignition/modules/contracts.ts";
import { logModule } from "../../ignition/modules/log.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { deployedAddresses } from "./journal.ts";

/** What Ignition needs to work on a network. */
export type IgnitionContext = {
  readonly hre: HardhatRuntimeEnvironment;
  readonly network: string;
  readonly provider: EthereumProvider;
  readonly journal: string;
  readonly deployer: Address;
};

/** A contract as Ignition deployed it. */
export type IgnitedContract = {
  readonly address: Hex;
  readonly transactionHash: Hex;
  readonly constructorArgs: readonly SolidityParameterType[];
};

// Stemma's own networks are final at one block; a chain where that isn't so still keeps the journal, and the next run looks.
const ignitionConfig = { requiredConfirmations: 1, blockPollingInterval: 200, retryInterval: 500 };

/** Deploys the contracts, or goes on with them. */
export async function igniteContracts(
  context: IgnitionContext,
): Promise<Record<ContractName, IgnitedContract>> {
  // Once the log was begun, Ignition takes a run of the first module alone for an unfinished one.
  if (contractNames.some((name) => deployedAddresses(context.journal)[futureOf(name)] === undefined)) {
    await run(context, contractsModule, { Stemma: { admin: context.deployer } });
  }
  const addresses = deployedAddresses(context.journal);
  const transactions = await listTransactions(
    context.journal,
    new HardhatArtifactResolver(context.hre.artifacts),
  );
  const find = (name: ContractName): IgnitedContract => {
    const address = addresses[futureOf(name)];
    const sent = transactions.find((one) => one.name === name && one.address?.toLowerCase() === address);
    if (address === undefined || sent === undefined) {
      throw new StemmaError("ASSERTION_FAILED", { what: `Ignition's journal doesn't know ${name}` });
    }
    return { address, transactionHash: sent.txHash as Hex, constructorArgs: sent.params ?? [] };
  };
  return {
    AccessManager: find("AccessManager"),
    ProvenanceRegistry: find("ProvenanceRegistry"),
    CheckpointAnchor: find("CheckpointAnchor"),
  };
}

/** Registers the log with its operator. */
export async function igniteLog(
  context: IgnitionContext,
  log: { origin: string; operator: Address },
): Promise<void> {
  await run(context, logModule, { Stemma: { admin: context.deployer }, StemmaLog: log });
}

function futureOf(name: ContractName): string {
  return `Stemma#${name}`;
}

async function run(
  context: IgnitionContext,
  // biome-ignore lint/suspicious/noExplicitAny: Ignition's own type for a module of any results
  ignitionModule: IgnitionModule<string, string, any>,
  deploymentParameters: DeploymentParameters,
): Promise<void> {
  const { hre, network, provider, journal, deployer } = context;
  let result: DeploymentResult;
  try {
    result = await deploy({
      config: ignitionConfig,
      provider,
      artifactResolver: new HardhatArtifactResolver(hre.artifacts),
      deploymentDir: journal,
      ignitionModule,
      deploymentParameters,
      accounts: [deployer],
      defaultSender: deployer,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StemmaError(
      "DEPLOY_FAILED",
      { network, reason: reason.replace(/\s+/g, " ") },
      { cause: error },
    );
  }
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new StemmaError("DEPLOY_FAILED", { network, reason: explain(result) });
  }
}

function explain(result: Exclude<DeploymentResult, SuccessfulDeploymentResult>): string {
  switch (result.type) {
    case DeploymentResultType.VALIDATION_ERROR:
    case DeploymentResultType.RECONCILIATION_ERROR:
      return Object.entries(result.errors)
        .map(([future, errors]) => `${future}: ${errors.join("; ")}`)
        .join("; ");
    case DeploymentResultType.EXECUTION_ERROR:
      return [
        ...result.failed.map(({ futureId, error }) => `${futureId} failed: ${error}`),
        ...result.timedOut.map(({ futureId }) => `${futureId} wasn't confirmed in time`),
        ...result.held.map(({ futureId, reason }) => `${futureId} is held: ${reason}`),
        ...result.started.map((futureId) => `${futureId} was begun`),
      ].join("; ");
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
      return Object.values(result.errors).flat().join("; ");
  }
}
