import { BaseError } from "viem";
import { StemmaError } from "../../protocol/errors.ts";

/**
 * Makes a handler for `promise.catch` that turns whatever the node or the network said into ANCHORING_CHAIN_UNREACHABLE. Only
 * viem's short message is shown: the long one holds the node's URL, which may hold a password.
 */
export function chainError(call: string): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof StemmaError) throw cause;
    throw new StemmaError("ANCHORING_CHAIN_UNREACHABLE", { call, reason: shortReason(cause) }, { cause });
  };
}

/** One line that says what went wrong. */
export function shortReason(cause: unknown): string {
  if (cause instanceof BaseError) return cause.details || cause.shortMessage;
  return cause instanceof Error ? cause.message : String(cause);
}
