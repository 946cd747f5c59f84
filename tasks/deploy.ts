import { join, relative } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import { errorResult, successfulResult } from "hardhat/utils/result";
import type { Address } from "viem";
import { deploymentsDirectory } from "../deployments/index.ts";
import { bytesToHex, hexToBytes, utf8 } from "../protocol/bytes.ts";
import { describeError, isStemmaError, StemmaError } from "../protocol/errors.ts";
import { sha256 } from "../protocol/hash.ts";
import { deployerOf, requireFunds } from "./deploy/account.ts";
import { type ChainReader, connectChain, shortReason } from "./deploy/chain.ts";
import { changedContracts, writeDeployment } from "./deploy/describe.ts";
import { moveAside, type NetworkFolder, networkFolder, writeJsonAtomically } from "./deploy/files.ts";
import { igniteContracts, igniteLog } from "./deploy/ignite.ts";
import { inspectFolder } from "./deploy/inspect.ts";
import { adoptUnrecordedTransactions, forgetUnsentTransactions, repairJournal } from "./deploy/journal.ts";
import { acquireLock } from "./deploy/lock.ts";
import { chooseTarget } from "./deploy/target.ts";

type DeployArguments = { readonly reset: boolean; readonly directory: string | undefined };

/**
 * Deploys Stemma's contracts to the network and writes its folder. Every step can be repeated: a whole deployment is left as it
 * is, an interrupted one goes on.
 */
export default async function deployTask(args: DeployArguments, hre: HardhatRuntimeEnvironment) {
  try {
    await deploy(args, hre);
    return successfulResult();
  } catch (error) {
    if (!isStemmaError(error)) throw error;
    console.error(describeError(error));
    return errorResult(error);
  }
}

async function deploy(args: DeployArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  const { network, url, chainId } = await chooseTarget(hre);
  const chain = await connectChain(network, url, chainId);
  const directory = args.directory ?? deploymentsDirectory;
  const folder = networkFolder(directory, network);
  const release = acquireLock(join(directory, `.${network}.lock`), network);
  try {
    await bringAbout({ hre, network, chain, folder, reset: args.reset });
  } finally {
    release();
  }
}

type Job = {
  readonly hre: HardhatRuntimeEnvironment;
  readonly network: string;
  readonly chain: ChainReader;
  readonly folder: NetworkFolder;
  readonly reset: boolean;
};

async function bringAbout(job: Job): Promise<void> {
  const { hre, network, chain, folder, reset } = job;
  if (reset) {
    const moved = moveAside(folder, new Date());
    if (moved !== undefined) console.log(`Moved the old deployment to ${shown(moved)}.`);
  }
  const state = await inspectFolder(folder, network, chain);
  if (state.kind === "RESET") throw new StemmaError("DEPLOY_CHAIN_RESET", { network, reason: state.reason });

  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  if (state.kind === "WHOLE") {
    console.log(
      `Nothing to do: ${network} (chain ${chain.identity.chainId}) is deployed, ${shown(folder.path)} is whole.`,
    );
    for (const name of await changedContracts(hre, state.deployment)) {
      console.log(
        `Note: ${name} as compiled now differs from the deployed one, which stays. --reset deploys anew.`,
      );
    }
    return;
  }

  const started = state.kind === "UNFINISHED" ? state.started : chain.identity;
  if (state.kind === "UNFINISHED") console.log(`Going on with the unfinished deployment to ${network}.`);
  const connection = await connect(hre, network);
  try {
    const deployer = await deployerOf(network, connection.provider);
    await requireFunds(deployer, chain);
    writeJsonAtomically(folder.started, started);
    await work(job, connection, deployer, started.headBlock);
  } finally {
    await connection.close();
  }
}

async function work(
  job: Job,
  connection: NetworkConnection,
  deployer: Address,
  sinceBlock: number,
): Promise<void> {
  const { hre, network, chain, folder } = job;
  const { provider } = connection;
  const { journal } = folder;
  repairJournal(journal);
  await adoptUnrecordedTransactions(journal, deployer, sinceBlock, chain.client, provider);
  await forgetUnsentTransactions(journal, deployer, chain.client);

  console.log(`Deploying to ${network} (chain ${chain.identity.chainId}) from ${deployer}.`);
  const context = { hre, network, provider, journal, deployer };
  const contracts = await igniteContracts(context);
  const log = chooseLog(chain, contracts.ProvenanceRegistry.address, deployer);
  await igniteLog(context, { origin: log.origin, operator: log.operator });
  await writeDeployment(hre, folder, chain, contracts, { network, deployer, log });

  for (const [name, { address }] of Object.entries(contracts)) console.log(`  ${name.padEnd(18)} ${address}`);
  console.log(`  ${"log".padEnd(18)} ${log.origin}, anchored by ${log.operator}`);
  console.log(`Wrote ${shown(folder.path)}.`);
}

function chooseLog(chain: ChainReader, registry: string, deployer: Address) {
  const origin = process.env.STEMMA_LOG_ORIGIN ?? `stemma.local/${chain.identity.chainId}/${registry}`;
  const operator = process.env.STEMMA_ANCHOR_OPERATOR ?? deployer;
  return {
    origin,
    logId: bytesToHex(sha256(utf8(origin))),
    operator: bytesToHex(hexToBytes(operator, { bytes: 20, field: "STEMMA_ANCHOR_OPERATOR" })),
  };
}

async function connect(hre: HardhatRuntimeEnvironment, network: string): Promise<NetworkConnection> {
  try {
    return await hre.network.create(network);
  } catch (error) {
    // What is missing here is the key: the URL was read before.
    throw new StemmaError("DEPLOY_NO_ACCOUNT", { network, reason: shortReason(error) }, { cause: error });
  }
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
