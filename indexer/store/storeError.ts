import postgres from "postgres";
import { StemmaError } from "../../protocol/errors.ts";

/** Classes of SQLSTATE that pass: connection, too few resources, operator, deadlock and serialisation. */
const PASSING = /^(08|53|57P|40)|^(25P02|25P03|25P04|55P03)$/;
const SOCKET_CODES = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ECANCELED",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_DESTROYED",
]);

/** What the database or its driver raised, as an error of ours: retryable where the same call may succeed later. */
export function storeError(error: unknown): unknown {
  if (error instanceof StemmaError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof postgres.PostgresError) {
    const name = PASSING.test(error.code) ? "STORE_UNAVAILABLE" : "STORE_FAILED";
    return new StemmaError(name, { reason }, { cause: error });
  }
  // Several addresses of one host name (localhost) fail together.
  const codes = error instanceof AggregateError ? error.errors.map(codeOf) : [codeOf(error)];
  const lost = codes.find((code) => SOCKET_CODES.has(code));
  if (lost !== undefined)
    return new StemmaError("STORE_UNAVAILABLE", { reason: reason || lost }, { cause: error });
  // A defect of ours isn't the database's fault, and must not look like it.
  return error;
}

/** True where the server stopped the statement, by its time-out or because it was asked to. */
export function isCancelled(error: unknown): boolean {
  return codeOf(error) === "57014";
}

/** Runs `work` and lets only errors of ours out. */
export async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
