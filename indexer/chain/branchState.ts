import { equalBytes } from "../../protocol/bytes.ts";
import type { BlockHeader, ChainPosition } from "../model/chain.ts";
import type { Branch } from "./fork.ts";

/** Where the indexer stands, as this room keeps it while it follows. The store keeps the same, durably. */
export type BranchState = {
  readonly cursor: () => BlockHeader | null;
  readonly finalized: () => BlockHeader | null;
  /** Next block to fetch. */
  readonly next: () => bigint;
  readonly at: (number: bigint) => BlockHeader | undefined;
  readonly extend: (headers: readonly BlockHeader[]) => void;
  /** Drops everything above `ancestor`. */
  readonly rewind: (ancestor: BlockHeader) => void;
  /** Headers below the final block aren't needed any more. */
  readonly finalize: (block: BlockHeader) => void;
  /** For a search of the fork; null while there is no cursor. */
  readonly branch: () => Branch | null;
};

/** Starts from a stored position, or before `startBlock` where there is none. */
export function createBranchState(position: ChainPosition, startBlock: bigint): BranchState {
  let { cursor, finalized } = position;
  const headers = new Map<bigint, BlockHeader>();
  for (const header of [...position.window, finalized, cursor])
    if (header) headers.set(header.number, header);
  const at = (number: bigint) => headers.get(number);
  return {
    cursor: () => cursor,
    finalized: () => finalized,
    next: () => (cursor ? cursor.number + 1n : startBlock),
    at,
    extend(added) {
      for (const header of added) headers.set(header.number, header);
      cursor = added.at(-1) ?? cursor;
    },
    rewind(ancestor) {
      for (const number of headers.keys()) if (number > ancestor.number) headers.delete(number);
      headers.set(ancestor.number, ancestor);
      cursor = ancestor;
    },
    finalize(block) {
      finalized = block;
      for (const number of headers.keys()) if (number < block.number) headers.delete(number);
      headers.set(block.number, block);
    },
    branch: () => cursor && { cursor, finalized, at, startBlock },
  };
}

/** True where `child` names `parent`, or there is nothing to compare with. */
export function isLinked(child: BlockHeader, parent: BlockHeader | null): boolean {
  return parent === null || child.number !== parent.number + 1n || equalBytes(child.parentHash, parent.hash);
}
