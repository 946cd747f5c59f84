import { bytesToHex, equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { ChainIdentity, ChainSource } from "../model/chain.ts";

/** The chain that the contracts were deployed on. */
export type ExpectedChain = ChainIdentity & { readonly network: string };

/**
 * Makes sure that the node serves the chain that the deployment is on.
 *
 * @throws INDEXER_CHAIN_MISMATCH, INDEXER_CHAIN_RESET, and what the source throws where the node can't be reached
 */
export async function checkIdentity(
  source: Pick<ChainSource, "identity">,
  { network, chainId, genesisHash }: ExpectedChain,
): Promise<ChainIdentity> {
  const given = await source.identity();
  if (given.chainId !== chainId) {
    throw new StemmaError("INDEXER_CHAIN_MISMATCH", { network, expected: chainId, given: given.chainId });
  }
  if (!equalBytes(given.genesisHash, genesisHash)) {
    throw new StemmaError("INDEXER_CHAIN_RESET", {
      network,
      expected: bytesToHex(genesisHash),
      given: bytesToHex(given.genesisHash),
    });
  }
  return given;
}
