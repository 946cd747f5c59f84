import {
  createTestClient,
  type HttpTransport,
  http,
  type PublicActions,
  publicActions,
  type TestClient,
} from "viem";
import { hardhat } from "viem/chains";
import {
  type EmbeddedChain,
  type EmbeddedChainOptions,
  startEmbeddedChain,
} from "../../cluster/targets/embedded.ts";
import type { Hex } from "../../protocol/bytes.ts";

/** An embedded chain with the levers that tests pull. */
export type TestChain = EmbeddedChain & {
  /** viem client with both public and test actions. */
  readonly client: TestClient<"hardhat", HttpTransport, typeof hardhat> & PublicActions;
  /** Mines `count` empty blocks, one by default. */
  mine(count?: number): Promise<void>;
  /** Marks the state to which {@link TestChain.revert} returns. */
  snapshot(): Promise<Hex>;
  /** Drops every block since the snapshot, which is spent by it: what is mined next makes a reorg. */
  revert(snapshot: Hex): Promise<void>;
  /** Reverts to `snapshot` and mines `newBlocks` empty blocks that differ from the dropped ones. */
  reorg(snapshot: Hex, newBlocks: number): Promise<void>;
  /** Turns mining at every transaction on or off. */
  setAutomine(on: boolean): Promise<void>;
  /** Mines a block every `intervalMs`, or stops that with 0. */
  setIntervalMining(intervalMs: number): Promise<void>;
  /** Moves the clock of the chain ahead and mines a block. */
  increaseTime(seconds: number): Promise<void>;
  /** Any JSON-RPC call. */
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a new chain for a test. Stop it in `after`, or hold it with `await using`.
 *
 * @example
 * await using chain = await startChain();
 */
export async function startChain(options: EmbeddedChainOptions = {}): Promise<TestChain> {
  const chain = await startEmbeddedChain(options);
  const client = createTestClient({
    chain: { ...hardhat, id: Number(chain.chainId) as typeof hardhat.id },
    mode: "hardhat",
    transport: http(chain.rpcUrl, { retryCount: 0 }),
    pollingInterval: 20,
    cacheTime: 0,
  }).extend(publicActions);

  async function rpc(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const response = await fetch(chain.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const body = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (body.error) throw new Error(`${method}: ${body.error.message}`);
    return body.result;
  }

  async function mine(count = 1): Promise<void> {
    // One by one: `hardhat_mine` breaks the links between the blocks that it makes in bulk.
    for (let i = 0; i < count; i++) await rpc("evm_mine");
  }

  async function revert(snapshot: Hex): Promise<void> {
    await client.revert({ id: snapshot });
  }

  return {
    ...chain,
    client,
    mine,
    snapshot: () => client.snapshot(),
    revert,
    async reorg(snapshot, newBlocks) {
      await revert(snapshot);
      // Another time makes other blocks: with the same one the replacements could get the same hashes.
      await client.increaseTime({ seconds: 7 });
      await mine(newBlocks);
    },
    setAutomine: (on) => client.setAutomine(on),
    setIntervalMining: async (intervalMs) => {
      await rpc("evm_setIntervalMining", [intervalMs]);
    },
    async increaseTime(seconds) {
      await client.increaseTime({ seconds });
      await mine();
    },
    rpc,
    [Symbol.asyncDispose]: () => chain.stop(),
  };
}
