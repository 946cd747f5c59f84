import { type Abi, decodeErrorResult } from "viem";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { type ErrorValues, StemmaError } from "../../protocol/errors.ts";
import { type ErrorName, errorTable } from "../../protocol/errorTable.ts";

/** Every custom error of both contracts, those that they inherit included. */
export const contractErrorsAbi: Abi = [...provenanceRegistryAbi, ...checkpointAnchorAbi].filter(
  (item) => item.type === "error",
);

/**
 * Name in the error table of a contract's custom error: `ProvenanceStaleHead` is `PROVENANCE_STALE_HEAD`.
 *
 * @example contractErrorName("AnchorLogUnknown") // "ANCHOR_LOG_UNKNOWN"
 */
export function contractErrorName(solidityName: string): string {
  return solidityName.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_").toUpperCase();
}

/**
 * The coded error for what a contract reverted with. The values of the message are the arguments of the custom error, by name.
 * Anything that is no custom error of ours becomes CONTRACT_ERROR_UNKNOWN.
 */
export function contractError(data: Hex, options?: { readonly cause?: unknown }): StemmaError {
  const decoded = decode(data);
  const definition = contractErrorsAbi.find(
    (item) => item.type === "error" && item.name === decoded?.errorName,
  );
  if (decoded === null || definition?.type !== "error") return unknown(decoded?.text ?? data, options);
  const name = contractErrorName(decoded.errorName);
  if (!isErrorName(name)) return unknown(decoded.errorName, options);
  const values = Object.fromEntries(
    definition.inputs.map((input, index) => [input.name ?? String(index), shown(decoded.args[index])]),
  );
  // The table's placeholders are the names of the error's arguments: a test holds them against the ABI.
  return new StemmaError(name, values as ErrorValues<ErrorName>, options);
}

function decode(data: Hex): { errorName: string; args: readonly unknown[]; text: string } | null {
  try {
    const { errorName, args } = decodeErrorResult({ abi: contractErrorsAbi, data });
    const list: readonly unknown[] = args ?? [];
    return { errorName, args: list, text: `${errorName}(${list.map(String).join(", ")})` };
  } catch {
    return null;
  }
}

function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(errorTable, name);
}

function shown(value: unknown): string | bigint {
  return typeof value === "bigint" ? value : String(value);
}

function unknown(data: string, options: { readonly cause?: unknown } | undefined): StemmaError {
  return new StemmaError("CONTRACT_ERROR_UNKNOWN", { data: data.slice(0, 200) }, options);
}
