import {
  BaseError,
  ContractFunctionZeroDataError,
  HttpRequestError,
  InsufficientFundsError,
  NonceTooHighError,
  NonceTooLowError,
  TimeoutError,
  WebSocketRequestError,
} from "viem";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { contractError } from "./contractErrors.ts";

/** Hardhat's own words for what other nodes call insufficient funds; it sends no code that would tell. */
const NO_FUNDS = /doesn't have enough funds/i;

/**
 * The coded error for whatever a node or viem raised: a contract's refusal by its name, then the account's troubles, then the
 * node's. A {@link StemmaError} passes unchanged.
 */
export function toStemmaError(
  error: unknown,
  rpcUrl: string,
  account = "unknown",
  target: { readonly contract: string; readonly address: Hex } | null = null,
): StemmaError {
  if (error instanceof StemmaError) return error;
  const data = revertData(error);
  const options = { cause: error };
  if (data !== null) return contractError(data, options);
  if (!(error instanceof BaseError)) {
    return new StemmaError("RPC_REPLY_INVALID", { method: "a call", problem: firstLine(error) }, options);
  }
  if (caused(error, InsufficientFundsError) || NO_FUNDS.test(error.details))
    return new StemmaError("FUNDS_MISSING", { account }, options);
  if (caused(error, NonceTooLowError) || caused(error, NonceTooHighError)) {
    return new StemmaError("NONCE_REFUSED", { nonce: "in use", account }, options);
  }
  if (target !== null && caused(error, ContractFunctionZeroDataError)) {
    return new StemmaError("CONTRACT_MISSING", target, options);
  }
  const unreachable = [HttpRequestError, TimeoutError, WebSocketRequestError].some((kind) =>
    caused(error, kind),
  );
  if (unreachable) {
    return new StemmaError(
      "RPC_UNAVAILABLE",
      { url: withoutSecrets(rpcUrl), reason: error.shortMessage },
      options,
    );
  }
  return new StemmaError("RPC_REPLY_INVALID", { method: "a call", problem: error.shortMessage }, options);
}

/** Scheme and host of a URL: providers put keys into path, query and user. */
export function withoutSecrets(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    return "the given URL";
  }
}

function caused(error: BaseError, kind: new (...args: never[]) => Error): boolean {
  return error.walk((inner) => inner instanceof kind) !== null;
}

/** Nodes put the revert data into `error.data`, some of them (Hardhat) one or two levels deeper. */
function revertData(error: unknown, depth = 0): Hex | null {
  if (typeof error !== "object" || error === null || depth > 8) return null;
  const { data, cause, originalError } = error as {
    data?: unknown;
    cause?: unknown;
    originalError?: unknown;
  };
  if (typeof data === "string" && /^0x([0-9a-f]{2}){4,}$/i.test(data)) return data as Hex;
  return revertData(data, depth + 1) ?? revertData(cause, depth + 1) ?? revertData(originalError, depth + 1);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
