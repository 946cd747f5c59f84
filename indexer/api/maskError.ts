import { randomUUID } from "node:crypto";
import { GraphQLError } from "graphql";
import { isStemmaError, StemmaError } from "../../protocol/errors.ts";
import type { ErrorName } from "../../protocol/errorTable.ts";
import type { ApiLogger } from "./ports.ts";

/** Errors that say something about the request. Everything else is the server's own affair. */
const SHOWN: ReadonlySet<ErrorName> = new Set<ErrorName>([
  "INVALID_HEX",
  "INVALID_OPERATION",
  "QUERY_DOCUMENT_TOO_LARGE",
  "QUERY_TOO_MANY_TOKENS",
  "QUERY_TOO_DEEP",
  "QUERY_TOO_MANY_ALIASES",
  "QUERY_TOO_COSTLY",
  "QUERY_TOO_SLOW",
  "QUERY_INVALID",
  "PAGE_TOO_LARGE",
  "PAGE_ARGUMENTS_CONFLICT",
  "CURSOR_INVALID",
  "ARGUMENT_INVALID",
  "LINEAGE_LIMIT_INVALID",
  "LINEAGE_START_INVALID",
  "RECORD_NOT_FOUND",
  "DATASET_NOT_FOUND",
  "CHECKPOINT_NOT_FOUND",
  "PROOF_NOT_READY",
  "RECORD_CHANGES_ARGUMENTS",
  "SUBSCRIPTIONS_EXHAUSTED",
  "LOG_NOT_AVAILABLE",
  "TILE_PATH_INVALID",
  "REQUEST_TOO_LARGE",
  "ROUTE_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
]);

/** Shown by name only, because their text may tell of the inside: the caller learns that trying again makes sense. */
const BUSY: ReadonlySet<ErrorName> = new Set<ErrorName>(["STORE_UNAVAILABLE"]);

const OVERLOAD: ReadonlySet<ErrorName> = new Set<ErrorName>(["STORE_UNAVAILABLE", "SUBSCRIPTIONS_EXHAUSTED"]);

const HTTP_TOO_LARGE = 413;
const RETRY_AFTER_SECONDS = "1";

export type ShownError = {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly advice: string;
  readonly retry: boolean;
  readonly docs: string;
  /** What the message was filled with. */
  readonly values: Readonly<Record<string, string | number>>;
};

/**
 * What users get to see of an error. Errors of the store's time limit read like the API's own; what isn't meant for users is
 * logged once, with an id, and becomes INTERNAL_ERROR with that id.
 */
export function showError(error: unknown, logger: ApiLogger): StemmaError {
  const cause = rootCause(error);
  if (isStemmaError(cause)) {
    if (SHOWN.has(cause.name)) return cause;
    if (isStemmaError(cause, "QUERY_TIMEOUT")) {
      return new StemmaError("QUERY_TOO_SLOW", { limitMs: Number(cause.values.timeoutMs) });
    }
    if (BUSY.has(cause.name)) {
      logger.warn({ err: cause }, "The store can't answer");
      return new StemmaError("STORE_UNAVAILABLE", { reason: "the server is waiting for it" });
    }
  }
  const id = randomUUID();
  logger.error({ err: cause, errorId: id }, "A request failed");
  return new StemmaError("INTERNAL_ERROR", { id });
}

/** Fields of an error as JSON shows them, in GraphQL's extensions and in the plain routes alike. */
export function describeShown(error: StemmaError): ShownError {
  const { code, name, message, advice, retry, docsPath } = error;
  const values = Object.entries(error.values).map(([key, value]) => [
    key,
    typeof value === "bigint" ? value.toString() : value,
  ]);
  return { code, name, message, advice, retry, docs: docsPath, values: Object.fromEntries(values) };
}

/** True where the request was fine and the server could not serve it now. */
export function isOverload(error: StemmaError): boolean {
  return OVERLOAD.has(error.name);
}

/** Yoga's `maskError`: every error that leaves the API carries a code. Errors it made before pass unchanged. */
export function createMaskError(
  logger: ApiLogger,
  options: { readonly count: (name: ErrorName) => void; readonly requestBytes: number },
): (error: unknown) => GraphQLError {
  const { count, requestBytes } = options;
  const made = new WeakSet<GraphQLError>();
  return (error) => {
    if (error instanceof GraphQLError && made.has(error)) return error;
    const shown = maskOnce(error);
    made.add(shown);
    return shown;
  };

  function maskOnce(error: unknown): GraphQLError {
    const outer = error instanceof GraphQLError ? error : undefined;
    const isOfGraphql = outer !== undefined && !isStemmaError(rootCause(error)) && !hasForeignCause(outer);
    const shown = isOfGraphql ? showGraphqlError(outer, requestBytes) : showError(error, logger);
    count(shown.name);
    const { message, ...extensions } = describeShown(shown);
    return new GraphQLError(message, {
      nodes: outer?.nodes ?? null,
      source: outer?.source ?? null,
      positions: outer?.positions ?? null,
      path: outer?.path ?? null,
      extensions: { ...extensions, ...httpOf(shown, outer) },
    });
  }
}

/** What graphql-js and yoga say of a request: it isn't valid, or its body is too large. */
function showGraphqlError(error: GraphQLError, requestBytes: number): StemmaError {
  const { http } = error.extensions;
  const status: unknown = typeof http === "object" && http ? Reflect.get(http, "status") : null;
  return status === HTTP_TOO_LARGE
    ? new StemmaError("REQUEST_TOO_LARGE", { limitBytes: requestBytes })
    : new StemmaError("QUERY_INVALID", { problem: error.message });
}

function httpOf(shown: StemmaError, outer: GraphQLError | undefined): object {
  if (isOverload(shown)) return { http: { status: 503, headers: { "Retry-After": RETRY_AFTER_SECONDS } } };
  if (shown.name === "REQUEST_TOO_LARGE") return { http: { status: HTTP_TOO_LARGE } };
  // Yoga would answer 200 to a body that isn't even JSON.
  if (outer?.extensions.code === "BAD_REQUEST") return { http: { status: 400 } };
  return outer?.extensions.http === undefined ? {} : { http: outer.extensions.http };
}

function hasForeignCause(error: GraphQLError): boolean {
  const { originalError } = error;
  if (originalError == null) return false;
  return !(originalError instanceof GraphQLError) || hasForeignCause(originalError);
}

function rootCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null
    ? rootCause(error.originalError)
    : error;
}
