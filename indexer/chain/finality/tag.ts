import { readHeader } from "../header.ts";
import type { Rpc, RpcCall } from "../rpc.ts";
import type { FinalityDriver } from "./driver.ts";

const FINALIZED: RpcCall = { method: "eth_getBlockByNumber", params: ["finalized", false] };

/** A block is final where the node's `finalized` tag has reached it: geth, driven over the Engine API. */
export function createTagFinality(dependencies: { readonly rpc: Rpc }): FinalityDriver {
  return {
    name: "tag",
    async finalBlock(_, signal) {
      const [reply] = (await dependencies.rpc.batch([FINALIZED], signal)).replies;
      // A node that nobody has told of a final block answers with an error (geth -32000, Besu -39001): nothing is final yet.
      const block = reply && "result" in reply ? readHeader(reply.result) : null;
      return block && { number: block.header.number, hash: block.hash };
    },
  };
}

/** True where the node knows what `finalized` means right now. @throws RPC_UNREACHABLE */
export async function knowsFinalized(rpc: Rpc, signal?: AbortSignal): Promise<boolean> {
  const [reply] = (await rpc.batch([FINALIZED], signal)).replies;
  return reply !== undefined && "result" in reply && reply.result !== null;
}
