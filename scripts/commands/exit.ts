import { isStemmaError } from "../../protocol/errors.ts";
import type { ErrorName } from "../../protocol/errorTable.ts";

/** What a command ends with: 0 yes, 1 no or refused, 2 wrong usage, 3 something that is needed is not there. */
export type ExitCode = 0 | 1 | 2 | 3;

const USAGE: ReadonlySet<ErrorName> = new Set<ErrorName>([
  "USAGE",
  "KEY_MISSING",
  "KEY_INVALID",
  "ACCOUNT_MISSING",
  "API_URL_MISSING",
  "ANCHOR_ADDRESS_MISSING",
  "DEPLOYMENT_MISSING",
  "DEPLOYMENT_INVALID",
  "FILE_UNREADABLE",
  "FINALITY_RULE_INVALID",
  "INVALID_HEX",
  "INVALID_OPERATION",
  "NOTE_KEY_INVALID",
  "PROOF_TRUST_MISSING",
  "CONFIG_FLAG_UNKNOWN",
  "CONFIG_KEY_UNKNOWN",
  "CONFIG_KEY_MISSING",
  "CONFIG_VALUE_INVALID",
]);

const UNAVAILABLE: ReadonlySet<ErrorName> = new Set<ErrorName>([
  "RPC_UNAVAILABLE",
  "RPC_UNREACHABLE",
  "API_UNAVAILABLE",
  "STORE_UNAVAILABLE",
  "EMBEDDED_DATABASE_IN_USE",
  "TRANSACTION_TIMEOUT",
]);

/** Exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isStemmaError(error)) return 1;
  if (USAGE.has(error.name)) return 2;
  return UNAVAILABLE.has(error.name) ? 3 : 1;
}
