import {
  type Account,
  type Address,
  createPublicClient,
  createWalletClient,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import type { Hex } from "../protocol/bytes.ts";
import { StemmaError } from "../protocol/errors.ts";
import type { RecordDomain } from "../protocol/record.ts";
import { createSender, type TransactionSender } from "./transaction/sender.ts";
import { toStemmaError } from "./transaction/toStemmaError.ts";

/** What the client needs of a deployment; `readDeployment` gives it, and so does a JSON file of one's own. */
export type ClientDeployment = {
  readonly chainId: bigint;
  readonly genesisHash?: Hex;
  readonly contracts: {
    readonly ProvenanceRegistry: { readonly address: string };
    readonly CheckpointAnchor: { readonly address: string };
  };
};

/** Addresses of the contracts, where there is no deployment at hand. */
export type ClientAddresses = {
  readonly registry: Hex;
  readonly anchor?: Hex;
  /** Where given, a node of another chain is refused. */
  readonly chainId?: bigint;
};

export type ConnectionOptions = {
  /** JSON-RPC URL of a node; or a viem transport in its place. */
  readonly rpcUrl?: string;
  readonly transport?: Transport;
  readonly deployment?: ClientDeployment;
  readonly addresses?: ClientAddresses;
  /** Who signs and pays. A local account signs by itself; a bare address leaves signing to the node. */
  readonly account?: Account | Address;
  /** Base URL of the indexer's API, for queries and proofs. */
  readonly apiUrl?: string;
  /** How often a receipt is asked for. Default 250. */
  readonly pollingIntervalMs?: number;
  /** How long a transaction may take to be mined. Default 120,000. */
  readonly transactionTimeoutMs?: number;
  /** For tests and unusual networks; the platform's own by default. */
  readonly fetch?: typeof fetch;
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly clock?: () => number;
};

/** What every action works with. Made once by {@link connect}; holds the only state of the client: chain id and nonce. */
export type StemmaConnection = {
  readonly publicClient: PublicClient;
  readonly transport: Transport;
  readonly rpcUrl: string;
  /** What tells the chain, as far as it was given. */
  readonly expected: { readonly chainId: bigint | undefined; readonly genesisHash: Hex | undefined };
  readonly account: Account | null;
  readonly registry: Hex;
  readonly anchor: Hex | null;
  readonly apiUrl: string | null;
  readonly fetch: typeof fetch;
  readonly clock: () => number;
  /** Chain id and registry, read from the node once and checked against the deployment. @throws WRONG_CHAIN, RPC_UNAVAILABLE */
  readonly domain: () => Promise<RecordDomain>;
  /** @throws ACCOUNT_MISSING */
  readonly sender: (action: string) => TransactionSender;
};

const DEFAULT_POLLING_INTERVAL_MS = 250;
const DEFAULT_TRANSACTION_TIMEOUT_MS = 120_000;
const RPC_TIMEOUT_MS = 30_000;

/**
 * Joins a node, the contracts' addresses and an account. Does no I/O by itself.
 *
 * @throws USAGE where neither a node nor the contracts are named.
 */
export function connect(options: ConnectionOptions): StemmaConnection {
  const transport = options.transport ?? httpTransport(options.rpcUrl);
  const registry = options.deployment?.contracts.ProvenanceRegistry.address ?? options.addresses?.registry;
  const anchor = options.deployment?.contracts.CheckpointAnchor.address ?? options.addresses?.anchor;
  if (registry === undefined)
    throw new StemmaError("USAGE", { problem: "Neither deployment nor addresses given" });
  const publicClient = createPublicClient({ transport });
  const account = toAccount(options.account);
  const rpcUrl = options.rpcUrl ?? "the given transport";
  const domain = once(async () => {
    const chainId = BigInt(
      await publicClient.getChainId().catch((error) => Promise.reject(toStemmaError(error, rpcUrl))),
    );
    const expected = options.deployment?.chainId ?? options.addresses?.chainId ?? chainId;
    if (expected !== chainId) throw new StemmaError("WRONG_CHAIN", { expected, given: chainId });
    return { chainId, registry: lowerHex(registry) };
  });
  const sender =
    account === null
      ? null
      : createSender(
          { publicClient, wallet: createWalletClient({ transport, account }) as WalletClient, account },
          {
            rpcUrl,
            pollingIntervalMs: options.pollingIntervalMs ?? DEFAULT_POLLING_INTERVAL_MS,
            timeoutMs: options.transactionTimeoutMs ?? DEFAULT_TRANSACTION_TIMEOUT_MS,
          },
        );
  return {
    publicClient,
    transport,
    rpcUrl,
    expected: {
      chainId: options.deployment?.chainId ?? options.addresses?.chainId,
      genesisHash: options.deployment?.genesisHash,
    },
    account,
    registry: lowerHex(registry),
    anchor: anchor === undefined ? null : lowerHex(anchor),
    apiUrl: options.apiUrl?.replace(/\/+$/, "") ?? null,
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? Date.now,
    domain,
    sender: (action) => {
      if (sender === null) throw new StemmaError("ACCOUNT_MISSING", { action });
      return sender;
    },
  };
}

/** The account that signs and pays. @throws ACCOUNT_MISSING */
export function requireAccount(connection: StemmaConnection, action: string): Account {
  if (connection.account === null) throw new StemmaError("ACCOUNT_MISSING", { action });
  return connection.account;
}

function httpTransport(rpcUrl: string | undefined): Transport {
  if (rpcUrl === undefined) throw new StemmaError("USAGE", { problem: "Neither rpcUrl nor transport given" });
  return http(rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 1 });
}

function toAccount(account: Account | Address | undefined): Account | null {
  if (account === undefined) return null;
  return typeof account === "string" ? { address: account, type: "json-rpc" } : account;
}

/** Lower-case hex: how the client compares and returns addresses. */
export function lowerHex(address: string): Hex {
  return address.toLowerCase() as Hex;
}

/** Runs `load` until it succeeds, then keeps the answer. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () => {
    loaded ??= load().catch((error) => {
      loaded = null;
      throw error;
    });
    return loaded;
  };
}
