import { StemmaError } from "../../protocol/errors.ts";
import { fetchHeader, headerByNumber } from "./header.ts";
import type { Rpc } from "./rpc.ts";

/** Asks the node for its genesis. @throws CHAIN_RESET where it isn't the one expected, and the errors of RPC */
export type GenesisCheck = (signal: AbortSignal) => Promise<void>;

/** Expects the genesis given; where none is, the one that the node shows first. */
export function createGenesisCheck(
  dependencies: { readonly rpc: Rpc },
  options: { readonly genesisHash: string | null },
): GenesisCheck {
  let expected = options.genesisHash;
  return async (signal) => {
    const genesis = await fetchHeader(dependencies.rpc, headerByNumber(0n), signal);
    if (genesis === null)
      throw new StemmaError("RPC_REPLY_INVALID", { method: "eth_getBlockByNumber", problem: "no genesis" });
    expected ??= genesis.hash;
    if (genesis.hash !== expected) throw new StemmaError("CHAIN_RESET", { expected, given: genesis.hash });
  };
}
