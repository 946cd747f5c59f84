import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  http,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import { bytesToHex, type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { dataIdOf, nameHash, namespaceId } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { NO_PARENTS_HASH, parentsHash } from "../../protocol/parents.ts";
import { recordHash } from "../../protocol/record.ts";
import { readArtifact } from "../../test/helpers/artifact.ts";
import { startGeth } from "./gethNode.ts";

export type DenseChain = {
  readonly chainId: number;
  readonly registry: Hex;
  readonly startBlock: number;
  readonly head: number;
  readonly records: number;
  readonly datasets: number;
};

/** A transaction may use 2^24 gas; `geth --dev` runs the next fork's prices, under which new state is dear. */
const BATCH_OF_STARTS = 30;
const BATCH = 100;
/** Enough for the next block of 400 M gas while one is made: more than 500 records each. */
const PENDING = 60;
const DATASETS = 2_000;
const PROGRESS_RECORDS = 10_000;
const BATCH_GAS = 16_777_216n;
/** Full blocks raise the base fee by an eighth each; the developer account is rich. */
const FEES = { maxFeePerGas: 10n ** 30n, maxPriorityFeePerGas: 1n };
const NAMESPACE = "bench";

/**
 * Makes a chain with `records` records in `dataDir`, or finds the one made earlier. Every third record has a parent in another dataset.
 *
 * @returns what there is to index
 */
export async function prepareDenseChain(
  geth: string,
  dataDir: string,
  records: number,
  say: (line: string) => void,
): Promise<DenseChain> {
  const manifest = join(dataDir, "chain.json");
  if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, "utf8")) as DenseChain;
  rmSync(dataDir, { recursive: true, force: true });
  const node = await startGeth(geth, dataDir, { periodSeconds: 1 });
  try {
    const payer = { rpcUrl: node.rpcUrl, key: await developerKey(dataDir), fees: FEES };
    const chain = await fillChain(payer, records, say);
    writeFileSync(manifest, JSON.stringify(chain, null, 2));
    return chain;
  } finally {
    await node.stop();
  }
}

/** A node, and an account there that pays for everything. */
export type Payer = {
  readonly rpcUrl: string;
  readonly key: Hex;
  readonly fees: { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };
};

/** Deploys a registry on a node and records as many records. */
export async function fillChain(
  payer: Payer,
  records: number,
  say: (line: string) => void,
): Promise<DenseChain> {
  const transport = http(payer.rpcUrl);
  const chainId = await createPublicClient({ transport }).getChainId();
  const chain = defineChain({
    id: chainId,
    name: "bench",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [payer.rpcUrl] } },
  });
  const client = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
  const account = privateKeyToAccount(payer.key);
  const wallet = createWalletClient({ chain, transport, account });
  let nonce = await client.getTransactionCount({ address: account.address });
  const send = (to: Hex | undefined, data: Hex, gas: bigint) =>
    wallet.sendTransaction({ ...(to ? { to } : {}), data, gas, nonce: nonce++, ...payer.fees });
  const mined = (hash: Hex) => client.waitForTransactionReceipt({ hash, timeout: 120_000 });

  const manager = readArtifact("AccessManager");
  await send(undefined, encodeDeployData({ ...manager, args: [account.address] }), 8_000_000n);
  const managerAddress = getContractAddress({ from: account.address, nonce: BigInt(nonce - 1) });
  const artifact = readArtifact("ProvenanceRegistry");
  const deployed = await mined(
    await send(undefined, encodeDeployData({ ...artifact, args: [managerAddress] }), 12_000_000n),
  );
  if (deployed.status !== "success" || !deployed.contractAddress)
    throw new StemmaError("BENCH_FAILED", { reason: "deployment failed" });
  const registry = deployed.contractAddress.toLowerCase() as Hex;
  const registerCall = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "registerNamespace",
    args: [NAMESPACE],
  });
  await mined(await send(registry, registerCall, 500_000n));

  const next = createSubmissions({ chainId: BigInt(chainId), registry }, account.address);
  let last: Hex = ZERO_HASH;
  const inFlight: Hex[] = [];
  let saidAt = 0;
  for (let made = 0; made < records; ) {
    const submissions = Array.from(
      { length: Math.min(made < DATASETS ? BATCH_OF_STARTS : BATCH, records - made) },
      next,
    );
    made += submissions.length;
    const data = encodeFunctionData({
      abi: provenanceRegistryAbi,
      functionName: "submitBatch",
      args: [submissions],
    });
    last = await send(registry, data, BATCH_GAS);
    inFlight.push(last);
    if (inFlight.length >= PENDING) {
      const receipt = await mined(inFlight.shift() ?? last);
      if (receipt.status !== "success")
        throw new StemmaError("BENCH_FAILED", { reason: `batch failed: ${receipt.transactionHash}` });
    }
    if (made >= saidAt + PROGRESS_RECORDS) {
      saidAt = made;
      say(`${made} of ${records} records on chain`);
    }
  }
  const receipt = await mined(last);
  if (receipt.status !== "success")
    throw new StemmaError("BENCH_FAILED", { reason: "the last batch failed" });
  return {
    chainId,
    registry,
    startBlock: Number(deployed.blockNumber),
    head: Number(receipt.blockNumber),
    records,
    datasets: Math.min(DATASETS, records),
  };
}

/** Records for DATASETS datasets in turn, each linked to the one before it. */
function createSubmissions(domain: { chainId: bigint; registry: Hex }, owner: Hex) {
  const namespace = namespaceId(NAMESPACE);
  const heads: Hex[] = [];
  const timestamp = BigInt(Math.floor(Date.now() / 1000));
  let made = 0;
  return () => {
    const index = made % DATASETS;
    const name = `dataset ${index}`;
    const previousHash = heads[index] ?? ZERO_HASH;
    const isFirst = previousHash === ZERO_HASH;
    const neighbour = heads[(index + 7) % DATASETS];
    const parents: Hex[] = made % 3 === 0 && neighbour !== undefined && !isFirst ? [neighbour] : [];
    const record = {
      dataId: dataIdOf(namespace, nameHash(name)),
      dataHash: fill32(made + 1),
      previousHash,
      parentsHash: parents.length > 0 ? parentsHash(parents) : NO_PARENTS_HASH,
      operation: encodeOperation(isFirst ? "CREATE" : parents.length > 0 ? "DERIVE" : "TRANSFORM"),
      metadataHash: fill32(~made),
      dataOwner: owner,
      timestamp,
    };
    heads[index] = recordHash(domain, record);
    made++;
    return {
      record,
      parents,
      agent: owner,
      signature: "0x" as Hex,
      namespaceId: isFirst ? namespace : ZERO_HASH,
      nameHash: isFirst ? nameHash(name) : ZERO_HASH,
      name: isFirst ? name : "",
    };
  };
}

/** 32 bytes that look like a hash: an integer mixer (xorshift-multiply), repeated. */
function fill32(seed: number): Hex {
  const words = new Uint32Array(8);
  let state = seed | 0;
  for (let i = 0; i < words.length; i++) {
    state = Math.imul(state ^ (state >>> 16), 0x45d9f3b) + i + 1;
    words[i] = state ^ (state >>> 13);
  }
  return bytesToHex(new Uint8Array(words.buffer));
}

/** The key of geth's developer account, from its keystore with the empty password. */
async function developerKey(dataDir: string): Promise<Hex> {
  const folder = join(dataDir, "keystore");
  const [file] = readdirSync(folder);
  if (file === undefined) throw new StemmaError("BENCH_FAILED", { reason: "geth made no developer account" });
  const wallet = await Wallet.fromEncryptedJson(readFileSync(join(folder, file), "utf8"), "");
  return wallet.privateKey as Hex;
}
