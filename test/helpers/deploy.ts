import {
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type HttpTransport,
  http,
  keccak256,
  type PublicClient,
  parseAbi,
  type WalletClient,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { hardhat } from "viem/chains";
import { type DevelopmentAccount, developmentAccounts } from "../../cluster/targets/developmentAccounts.ts";
import type { DeployedContract, Deployment } from "../../deployments/schema.ts";
import { bytesToHex, type Hex, utf8 } from "../../protocol/bytes.ts";
import { sha256 } from "../../protocol/hash.ts";
import { readArtifact } from "./artifact.ts";

export type TestWallet = WalletClient<HttpTransport, Chain, Account>;

export type DeployOptions = {
  /** Origin of the log that gets registered; `stemma.local/<chainId>/<registry>` by default. */
  readonly origin?: string;
  /** Who anchors: the second development account by default. */
  readonly operator?: DevelopmentAccount;
};

/** Contracts on a test chain, with clients to use them. */
export type TestDeployment = {
  readonly rpcUrl: string;
  readonly chainId: bigint;
  readonly genesisHash: Hex;
  readonly startBlock: bigint;
  readonly registry: Hex;
  readonly anchor: Hex;
  readonly accessManager: Hex;
  readonly origin: string;
  readonly logId: Hex;
  /** Admin of the AccessManager: the first development account. */
  readonly deployer: DevelopmentAccount;
  readonly operator: DevelopmentAccount;
  readonly publicClient: PublicClient<HttpTransport, Chain>;
  readonly deployerWallet: TestWallet;
  readonly operatorWallet: TestWallet;
  /** Wallet of any development account. */
  wallet(account: DevelopmentAccount): TestWallet;
  /** The same in the shape of `readDeployment`. */
  readonly deployment: Deployment;
};

const contractGas = 8_000_000n;
const callGas = 500_000n;
const registerLogAbi = parseAbi(["function registerLog(string origin, address operator) returns (bytes32)"]);

/**
 * Deploys the contracts from their artifacts with four transactions, and registers a log.
 *
 * @example
 * await using chain = await startChain();
 * const { registry, deployerWallet } = await deployContracts(chain.rpcUrl);
 */
export async function deployContracts(rpcUrl: string, options: DeployOptions = {}): Promise<TestDeployment> {
  const accounts = developmentAccounts(2);
  const deployer = accounts[0];
  const operator = options.operator ?? accounts[1];
  if (!deployer || !operator) throw new Error("no development accounts");
  const transport = http(rpcUrl, { retryCount: 0 });
  const chainId = await createPublicClient({ transport }).getChainId();
  const chain: Chain = { ...hardhat, id: chainId };
  const publicClient = createPublicClient({ chain, transport, pollingInterval: 20, cacheTime: 0 });
  const wallet = (account: DevelopmentAccount): TestWallet =>
    createWalletClient({ chain, transport, account: privateKeyToAccount(account.privateKey) });
  const deployerWallet = wallet(deployer);

  const from = deployer.address;
  const firstNonce = await publicClient.getTransactionCount({ address: from });
  const addressAt = (offset: number) =>
    getContractAddress({ from, nonce: BigInt(firstNonce + offset) }).toLowerCase() as Hex;
  const [accessManager, registry, anchor] = [addressAt(0), addressAt(1), addressAt(2)];
  const origin = options.origin ?? `stemma.local/${chainId}/${registry}`;
  const parts = [
    { name: "AccessManager", args: [from] },
    { name: "ProvenanceRegistry", args: [accessManager] },
    { name: "CheckpointAnchor", args: [accessManager] },
  ] as const;
  const transactions = [
    ...parts.map(({ name, args }) => {
      const { abi, bytecode } = readArtifact(name);
      return { data: encodeDeployData({ abi, bytecode, args: [...args] }), gas: contractGas };
    }),
    {
      to: anchor,
      gas: callGas,
      data: encodeFunctionData({
        abi: registerLogAbi,
        functionName: "registerLog",
        args: [origin, operator.address],
      }),
    },
  ];
  const hashes: Hex[] = [];
  for (const [offset, transaction] of transactions.entries()) {
    hashes.push(await deployerWallet.sendTransaction({ ...transaction, nonce: firstNonce + offset }));
  }
  const receipts = await Promise.all(hashes.map((hash) => publicClient.waitForTransactionReceipt({ hash })));
  for (const [index, receipt] of receipts.entries()) {
    if (receipt.status !== "success") throw new Error(`deployment transaction ${index} failed`);
  }

  const genesis = await publicClient.getBlock({ blockNumber: 0n });
  const startBlock = receipts[0]?.blockNumber ?? 0n;
  const logId = bytesToHex(sha256(utf8(origin)));
  const deployed = async (index: 0 | 1 | 2, address: Hex): Promise<DeployedContract> => {
    const { name, args } = parts[index];
    const { abi, bytecode } = readArtifact(name);
    const receipt = receipts[index];
    if (!receipt) throw new Error("no receipt");
    return {
      address,
      abi: [...abi],
      transactionHash: receipt.transactionHash,
      blockNumber: receipt.blockNumber,
      constructorArgs: [...args],
      compiler: { version: "0.8.37", settings: {} },
      codeHash: keccak256((await publicClient.getCode({ address })) ?? "0x"),
      creationCodeHash: keccak256(bytecode),
    };
  };
  return {
    rpcUrl,
    chainId: BigInt(chainId),
    genesisHash: genesis.hash,
    startBlock,
    registry,
    anchor,
    accessManager,
    origin,
    logId,
    deployer,
    operator,
    publicClient,
    deployerWallet,
    operatorWallet: wallet(operator),
    wallet,
    deployment: {
      network: "localhost",
      chainId: BigInt(chainId),
      genesisHash: genesis.hash,
      startBlock,
      deployer: from,
      log: { origin, logId, operator: operator.address },
      contracts: {
        AccessManager: await deployed(0, accessManager),
        ProvenanceRegistry: await deployed(1, registry),
        CheckpointAnchor: await deployed(2, anchor),
      },
    },
  };
}
