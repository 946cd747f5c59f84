import { setTimeout as sleepFor } from "node:timers/promises";
import { hexToBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { registryTopics } from "../../protocol/registryEvents.ts";
import type { ChainIdentity, ChainSource } from "../model/chain.ts";
import type { Clock } from "../model/clock.ts";
import { createBloomFilter } from "./bloom.ts";
import { createRangeFetcher } from "./fetchRange.ts";
import { chooseFinality, type FinalityChoice } from "./finality/choose.ts";
import { follow } from "./follow.ts";
import { createGenesisCheck } from "./genesis.ts";
import { headerByNumber, readHeader } from "./header.ts";
import { createHealthKeeper } from "./health.ts";
import { readQuantity } from "./quantity.ts";
import { createRangeSize } from "./rangeSize.ts";
import { createRpc, type RpcStatistics, resultOf } from "./rpc.ts";

export type ChainSourceDependencies = {
  /** HTTP endpoint; user and password in it are sent as a header. */
  readonly rpcUrl: string;
  /** Address of the ProvenanceRegistry, the only emitter that is asked for. */
  readonly registry: string;
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to below 1, for jitter. */
  readonly random?: () => number;
};

export type ChainSourceOptions = {
  readonly finality?: FinalityChoice;
  /** Block of the deployment; nothing of ours is below it. */
  readonly startBlock?: bigint;
  /** Genesis of the chain that the deployment is on; by default the first one that the node shows. */
  readonly genesisHash?: string;
  readonly pollIntervalMs?: number;
  readonly recheckIntervalMs?: number;
  readonly requestTimeoutMs?: number;
  readonly maxBackoffMs?: number;
  /** Ranges on their way while one is worked on. Memory grows with `prefetch * targetReplyBytes`. */
  readonly prefetch?: number;
  readonly targetReplyBytes?: number;
  readonly maxReplyBytes?: number;
  /** Besu refuses more than 5,001 blocks by default. */
  readonly maxRangeBlocks?: number;
};

/** A chain source that also counts what it asks for. */
export type RpcChainSource = ChainSource & { readonly statistics: () => RpcStatistics };

/**
 * Follows the registry on the chain behind a node. The finality driver is settled here, once (see `chooseFinality`).
 *
 * @throws FINALITY_UNKNOWN, RPC_UNREACHABLE, RPC_REFUSED, RPC_REPLY_INVALID where `finality` is auto and the node can't be asked.
 * @example
 * const source = await createChainSource({ rpcUrl, registry }, { finality: { driver: "depth", depth: 12 } });
 * for await (const update of source.follow(position, signal)) await apply(update);
 */
export async function createChainSource(
  dependencies: ChainSourceDependencies,
  options: ChainSourceOptions = {},
): Promise<RpcChainSource> {
  const { rpcUrl, registry } = dependencies;
  const now = dependencies.clock?.now ?? Date.now;
  const rpc = createRpc(
    { url: rpcUrl, fetch: dependencies.fetch ?? fetch, now: () => performance.now() },
    { timeoutMs: options.requestTimeoutMs ?? 30_000, maxReplyBytes: options.maxReplyBytes ?? 64 * 2 ** 20 },
  );
  const finality = await chooseFinality({ rpc }, options.finality ?? { driver: "auto" });
  const topics = registryTopics();
  const bloom = createBloomFilter(registry, topics);
  const health = createHealthKeeper({ now });
  const parts = {
    rpc,
    fetchRange: createRangeFetcher({ rpc, address: registry.toLowerCase(), topics, bloom }),
    finality,
    checkGenesis: createGenesisCheck({ rpc }, { genesisHash: options.genesisHash?.toLowerCase() ?? null }),
    health,
    now,
    sleep: dependencies.sleep ?? ((ms, signal) => sleepFor(ms, undefined, { signal })),
    random: dependencies.random ?? Math.random,
  };
  const followOptions = {
    startBlock: options.startBlock ?? 0n,
    pollIntervalMs: options.pollIntervalMs ?? 250,
    recheckIntervalMs: options.recheckIntervalMs ?? 2_000,
    prefetch: options.prefetch ?? 2,
    maxBackoffMs: options.maxBackoffMs ?? 10_000,
  };
  return {
    finality: finality.name,
    health: health.health,
    statistics: rpc.statistics,
    follow(position, signal) {
      const targetBytes = options.targetReplyBytes ?? 4 * 2 ** 20;
      const size = createRangeSize({ targetBytes, maxBlocks: options.maxRangeBlocks ?? 5_000 });
      return follow({ ...parts, size }, followOptions, position, signal);
    },
    async identity(): Promise<ChainIdentity> {
      const chainIdCall = { method: "eth_chainId", params: [] };
      const genesisCall = headerByNumber(0n);
      const { replies } = await rpc.batch([chainIdCall, genesisCall]);
      const chainId = readQuantity(resultOf(replies[0], chainIdCall.method));
      const genesis = readHeader(resultOf(replies[1], genesisCall.method), 0n);
      if (chainId === undefined || genesis === null)
        throw new StemmaError("RPC_REPLY_INVALID", {
          method: "eth_chainId",
          problem: "no chain id or genesis",
        });
      return { chainId, genesisHash: hexToBytes(genesis.hash) };
    },
  };
}
