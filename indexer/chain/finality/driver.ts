import type { FinalityDriverName } from "../../model/chain.ts";
import type { NodeHeader } from "../header.ts";

/** Says which blocks are final on one kind of chain. */
export type FinalityDriver = {
  readonly name: FinalityDriverName;
  /**
   * The highest final block, given the node's head; null while none is. A `hash` is given where the node names the block itself.
   *
   * @throws FINALITY_UNPROVEN and the errors of RPC
   */
  readonly finalBlock: (head: NodeHeader, signal: AbortSignal) => Promise<FinalBlock | null>;
  /** Checks that this very header is final where the header itself can prove it. @throws FINALITY_UNPROVEN and the errors of RPC */
  readonly prove?: (header: NodeHeader, signal: AbortSignal) => Promise<void>;
};

export type FinalBlock = { readonly number: bigint; readonly hash: string | null };
