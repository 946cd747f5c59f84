import { type Address, createPublicClient, http, keccak256, type PublicClient } from "viem";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";

/** The chain that a network's node answers for. */
export type ChainIdentity = {
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly headBlock: number;
};

/** What the deployment reads from the chain. */
export type ChainReader = {
  readonly identity: ChainIdentity;
  readonly client: PublicClient;
  /** keccak256 of the code at the address; undefined where there is none. */
  codeHash(address: Address): Promise<Hex | undefined>;
};

const requestTimeoutMs = 10_000;

/**
 * Connects to the node of a network and asks which chain it is on.
 *
 * @throws DEPLOY_NODE_UNREACHABLE where nothing, or no Ethereum node, answers; DEPLOY_WRONG_CHAIN where the chain id isn't the
 * network's.
 */
export async function connectChain(
  network: string,
  url: string,
  expectedChainId: number | undefined,
): Promise<ChainReader> {
  const client = createPublicClient({
    transport: http(url, { timeout: requestTimeoutMs, retryCount: 1 }),
    cacheTime: 0,
  });
  const identity = await readIdentity(client).catch((error: unknown) => {
    throw new StemmaError(
      "DEPLOY_NODE_UNREACHABLE",
      { network, url: withoutCredentials(url), reason: shortReason(error) },
      { cause: error },
    );
  });
  if (expectedChainId !== undefined && identity.chainId !== expectedChainId) {
    throw new StemmaError("DEPLOY_WRONG_CHAIN", {
      network,
      given: identity.chainId,
      expected: expectedChainId,
    });
  }
  return {
    identity,
    client,
    async codeHash(address) {
      const code = await client.getCode({ address });
      return code === undefined ? undefined : keccak256(code);
    },
  };
}

async function readIdentity(client: PublicClient): Promise<ChainIdentity> {
  const [chainId, genesis, head] = await Promise.all([
    client.getChainId(),
    client.getBlock({ blockNumber: 0n }),
    client.getBlockNumber(),
  ]);
  return { chainId, genesisHash: genesis.hash, headBlock: Number(head) };
}

/** First line of what went wrong: viem's messages repeat the request over many lines. */
export function shortReason(error: unknown): string {
  if (
    error instanceof Error &&
    "details" in error &&
    typeof error.details === "string" &&
    error.details !== ""
  ) {
    return error.details.split("\n", 1)[0] ?? error.message;
  }
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? message;
}

function withoutCredentials(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    // Paths and user names of hosted nodes are keys.
    return `${protocol}//${host}`;
  } catch {
    return "an invalid URL";
  }
}
