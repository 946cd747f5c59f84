import { bytesToHex, equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { BlockHeader } from "../model/chain.ts";
import { fetchHeader, headerByHash, headerByNumber, type NodeHeader } from "./header.ts";
import type { Rpc } from "./rpc.ts";

/** What the indexer holds of the chain above its last final block. */
export type Branch = {
  readonly cursor: BlockHeader;
  readonly finalized: BlockHeader | null;
  /** Our header at a height; undefined where we hold none. */
  readonly at: (number: bigint) => BlockHeader | undefined;
  /** Lowest block that the indexer follows. */
  readonly startBlock: bigint;
};

export type Fork =
  | { readonly type: "none" }
  | { readonly type: "reorg"; readonly ancestor: BlockHeader; readonly depth: number }
  | { readonly type: "belowFinality"; readonly at: bigint };

/**
 * Finds out whether our branch was dropped. Only a block at our own height with another hash, seen in two polls, counts: a node that is
 * behind, or two nodes behind one address, look like a reorg at first. The way back goes by hash, so that it follows one branch
 * however the node's own view changes meanwhile.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_REPLY_INVALID
 */
export async function findFork(
  dependencies: { readonly rpc: Rpc; readonly pause: () => Promise<void> },
  branch: Branch,
  signal: AbortSignal,
): Promise<Fork> {
  const { rpc } = dependencies;
  const ours = bytesToHex(branch.cursor.hash);
  const other = async () => {
    const seen = await fetchHeader(rpc, headerByNumber(branch.cursor.number), signal);
    return seen === null || seen.hash === ours ? null : seen;
  };
  if ((await other()) === null) return { type: "none" };
  await dependencies.pause();
  let theirs = await other();
  if (theirs === null) return { type: "none" };

  const { finalized } = branch;
  if (finalized && theirs.header.number <= finalized.number)
    return { type: "belowFinality", at: theirs.header.number };
  for (;;) {
    const below = theirs.header.number - 1n;
    const held = branch.at(below);
    if (held && equalBytes(held.hash, theirs.header.parentHash)) return reorgTo(held);
    if (finalized && below <= finalized.number) return { type: "belowFinality", at: below };
    const parent = await fetchParent(theirs);
    if (below < branch.startBlock || held === undefined) return reorgTo(parent.header);
    theirs = parent;
  }

  function reorgTo(ancestor: BlockHeader): Fork {
    return { type: "reorg", ancestor, depth: Number(branch.cursor.number - ancestor.number) };
  }

  async function fetchParent(of: NodeHeader): Promise<NodeHeader> {
    const parent = await fetchHeader(rpc, headerByHash(of.parentHash), signal);
    if (parent !== null && parent.hash === of.parentHash && parent.header.number === of.header.number - 1n)
      return parent;
    const problem = `no parent of block ${of.header.number}`;
    throw new StemmaError("RPC_REPLY_INVALID", { method: "eth_getBlockByHash", problem });
  }
}
