import { describeError } from "../../protocol/errors.ts";
import type { ChainHealth } from "../model/chain.ts";

/** Keeps what `/ready` and metrics ask of the chain. */
export type HealthKeeper = {
  readonly sawHead: (head: bigint) => void;
  readonly failed: (error: unknown) => void;
  readonly recovered: () => void;
  readonly health: () => ChainHealth;
};

export function createHealthKeeper(dependencies: { readonly now: () => number }): HealthKeeper {
  let head: bigint | null = null;
  let headMovedAt: number | null = null;
  let nodeError: string | null = null;
  return {
    sawHead(seen) {
      if (head === null || seen > head) headMovedAt = dependencies.now();
      head = seen;
    },
    failed: (error) => {
      nodeError = describeError(error);
    },
    recovered: () => {
      nodeError = null;
    },
    health: () => ({
      head,
      headAgeMs: headMovedAt === null ? null : dependencies.now() - headMovedAt,
      nodeError,
    }),
  };
}
