import type { Hex } from "../../../protocol/bytes.ts";
import type { Block, BlockPoint } from "./payload.ts";

/** What the node made of a block or a head. VALID of a fork choice is no proof that the head moved: ask for it. */
export type PayloadStatus = "VALID" | "INVALID" | "SYNCING" | "ACCEPTED";

export type PayloadAttributes = {
  readonly timestamp: bigint;
  readonly prevRandao: Hex;
  readonly feeRecipient: Hex;
};

/** A geth node, driven over its engine port in the fork Osaka. */
export type EngineClient = {
  /** Asserts that the node offers what is called here; once, before anything else. */
  readonly assertCapabilities: () => Promise<void>;
  readonly head: () => Promise<BlockPoint>;
  /** The canonical block at a height, null where there is none. */
  readonly blockAt: (height: bigint) => Promise<BlockPoint | null>;
  /** Makes the block head, safe and finalized in one. */
  readonly setHead: (hash: Hex) => Promise<PayloadStatus>;
  /** Begins a block on top of the parent, which becomes the head. Returns its id, or why there is none. */
  readonly startBuild: (
    parent: Hex,
    attributes: PayloadAttributes,
  ) => Promise<{ payloadId: Hex } | { status: PayloadStatus }>;
  /** Ends the build and returns the block. */
  readonly takeBuild: (payloadId: Hex) => Promise<Block>;
  /** Hands a block over; its parent must be there. */
  readonly insert: (block: Block) => Promise<PayloadStatus>;
};
