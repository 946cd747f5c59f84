import { StemmaError } from "../../protocol/errors.ts";
import type { Refusal } from "./contract.ts";

/** What was asked for when the contract refused. */
export type RefusedAnchor = {
  readonly contract: string;
  readonly logId: string;
  readonly account: string;
  readonly size: bigint;
  readonly fromSize: bigint;
};

/**
 * The coded error for a revert of `CheckpointAnchor.anchor`. Its `retry` says whether anchoring may go on by itself later.
 *
 * @example
 * throw refusalError(refusal, { contract, logId, account, size, fromSize });
 */
export function refusalError({ error, values }: Refusal, asked: RefusedAnchor): StemmaError {
  const { contract, logId, account, size, fromSize } = asked;
  const value = (index: number) => String(values[index]);
  switch (error) {
    case "AnchorLogUnknown":
      return new StemmaError("ANCHORING_LOG_UNKNOWN", { contract, logId });
    case "AnchorNotOperator":
      return new StemmaError("ANCHORING_NOT_OPERATOR", { account, logId, operator: value(1) });
    case "AnchorEpochTooLow":
      return new StemmaError("ANCHORING_DEPOSED", { current: value(1), given: value(2) });
    case "AnchorInconsistent":
      return new StemmaError("ANCHORING_INCONSISTENT", { fromSize, toSize: size });
    case "AnchorRootConflict":
      return new StemmaError("ANCHORING_ROOT_CONFLICT", { size, anchored: value(2), own: value(3) });
    case "EnforcedPause":
      return new StemmaError("ANCHORING_PAUSED", { contract });
    default:
      return new StemmaError("ANCHORING_REFUSED", { size, reason: error });
  }
}
