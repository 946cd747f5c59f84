import { bytesToHex, type Hex, hexToBytes, utf8, ZERO_HASH } from "../../../protocol/bytes.ts";
import { keccak256, sha256 } from "../../../protocol/hash.ts";
import { type BlockHeaderFields, headerItems } from "../../../protocol/header.ts";
import { encodeRlp } from "../../../protocol/rlp.ts";
import type { ClusterSpec, Fork } from "../../spec/schema.ts";
import { EMPTY_TRIE_ROOT, type GenesisAccount, stateRoot } from "./stateRoot.ts";
import { SYSTEM_CONTRACTS } from "./systemContracts.ts";

/** A genesis file, as geth and Besu read it. */
export type Genesis = {
  readonly config: Readonly<Record<string, unknown>>;
  readonly nonce: Hex;
  readonly timestamp: Hex;
  readonly extraData: Hex;
  readonly gasLimit: Hex;
  readonly difficulty: Hex;
  readonly mixHash: Hex;
  readonly coinbase: Hex;
  readonly baseFeePerGas: Hex;
  readonly alloc: Readonly<Record<Hex, GenesisAccount>>;
};

const FORKS: readonly Fork[] = ["cancun", "prague", "osaka"];
const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;
/** Forks that a block number switches on, in the order of the protocol. */
const BLOCK_FORKS = [
  "homestead",
  "eip150",
  "eip155",
  "eip158",
  "byzantium",
  "constantinople",
  "petersburg",
  "istanbul",
  "berlin",
  "london",
];
/** EIP-4844 and EIP-7691. Osaka inherits Prague's. */
const BLOB_SCHEDULE = {
  cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
  prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
};

/** What both engines' genesis files share; `own` adds to the configuration, the header is the engine's. */
export function buildGenesis(
  spec: ClusterSpec,
  own: Readonly<Record<string, unknown>>,
  header: Pick<Genesis, "extraData" | "difficulty" | "mixHash">,
): Genesis {
  const { chain } = spec;
  return {
    config: {
      chainId: chain.id,
      ...Object.fromEntries(BLOCK_FORKS.map((fork) => [`${fork}Block`, 0])),
      shanghaiTime: 0,
      ...Object.fromEntries(
        FORKS.filter((fork) => isActive(fork, chain.fork)).map((fork) => [`${fork}Time`, 0]),
      ),
      blobSchedule: Object.fromEntries(
        Object.entries(BLOB_SCHEDULE).filter(([fork]) => fork === "cancun" || isActive("prague", chain.fork)),
      ),
      ...own,
    },
    nonce: "0x0",
    timestamp: quantity(chain.genesisTimestamp),
    gasLimit: quantity(chain.gasLimit),
    coinbase: ZERO_ADDRESS,
    baseFeePerGas: "0x0",
    ...header,
    alloc: allocations(spec),
  };
}

/**
 * Hash of the genesis block that a file with this latest fork leads to, computed without the engine. Genesis is always hashed as it
 * stands, under QBFT too.
 *
 * @throws INVALID_HEX, INVALID_NUMBER
 */
export function genesisHash(genesis: Genesis, fork: Fork): Hex {
  const isPrague = isActive("prague", fork);
  const header: BlockHeaderFields = {
    parentHash: ZERO_HASH,
    sha3Uncles: bytesToHex(keccak256(encodeRlp([]))),
    miner: genesis.coinbase,
    stateRoot: stateRoot(genesis.alloc),
    transactionsRoot: bytesToHex(EMPTY_TRIE_ROOT),
    receiptsRoot: bytesToHex(EMPTY_TRIE_ROOT),
    logsBloom: `0x${"00".repeat(256)}`,
    difficulty: genesis.difficulty,
    number: 0n,
    gasLimit: genesis.gasLimit,
    gasUsed: 0n,
    timestamp: genesis.timestamp,
    extraData: genesis.extraData,
    mixHash: genesis.mixHash,
    nonce: `0x${genesis.nonce.slice(2).padStart(16, "0")}`,
    baseFeePerGas: genesis.baseFeePerGas,
    withdrawalsRoot: bytesToHex(EMPTY_TRIE_ROOT),
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: ZERO_HASH,
    // EIP-7685: SHA-256 over no requests.
    requestsHash: isPrague ? bytesToHex(sha256(utf8(""))) : null,
  };
  const extraData = hexToBytes(genesis.extraData, { field: "extraData" });
  return bytesToHex(keccak256(encodeRlp(headerItems(header, extraData))));
}

function allocations(spec: ClusterSpec): Record<Hex, GenesisAccount> {
  const contracts = SYSTEM_CONTRACTS.filter(
    ({ since }) => since === null || isActive(since, spec.chain.fork),
  );
  return {
    ...Object.fromEntries(
      contracts.map(({ address, code }) => [address, { balance: "0x0", nonce: "0x1", code }]),
    ),
    ...Object.fromEntries(
      spec.allocations.map(({ address, balanceWei }) => [address, { balance: quantity(balanceWei) }]),
    ),
  };
}

function isActive(fork: Fork, latest: Fork): boolean {
  return FORKS.indexOf(fork) <= FORKS.indexOf(latest);
}

function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
