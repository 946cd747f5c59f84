import { z } from "zod";
import { type ErrorValues, StemmaError } from "../../protocol/errors.ts";
import { type ErrorName, errorTable } from "../../protocol/errorTable.ts";
import type { StemmaConnection } from "../connection.ts";
import { withoutSecrets } from "../transaction/toStemmaError.ts";

/** A GraphQL document with the shape of its answer. */
export type TypedQuery<Schema extends z.ZodType> = {
  readonly name: string;
  readonly document: string;
  readonly data: Schema;
};

/** Names of the errors that any query may end with; the API's own coded errors come through under their own names. */
export type QueryErrorName = "API_URL_MISSING" | "API_UNAVAILABLE" | "API_REPLY_INVALID" | "API_REFUSED";

const TIMEOUT_MS = 30_000;

const replySchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

/**
 * Runs a query and checks the reply's shape. An error of the API that is in the error table is raised as itself.
 *
 * @throws QueryErrorName, and the API's own errors such as RECORD_NOT_FOUND, PROOF_NOT_READY, ARGUMENT_INVALID
 */
export async function query<Schema extends z.ZodType>(
  connection: StemmaConnection,
  typed: TypedQuery<Schema>,
  variables: Readonly<Record<string, unknown>> = {},
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<z.output<Schema>> {
  const { apiUrl } = connection;
  if (apiUrl === null) throw new StemmaError("API_URL_MISSING", { action: typed.name });
  const reply = replySchema.safeParse(await post(connection, apiUrl, typed, variables, options.signal));
  if (!reply.success) throw invalid(typed.name, reply.error);
  const [first] = reply.data.errors ?? [];
  if (first !== undefined) throw apiError(first);
  const data = typed.data.safeParse(reply.data.data);
  if (!data.success) throw invalid(typed.name, data.error);
  return data.data;
}

/** The coded error that an error of a GraphQL reply stands for; API_REFUSED where it isn't ours. */
export function apiError(error: {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}): StemmaError {
  const { code, name, values } = error.extensions ?? {};
  const names = Object.keys(errorTable) as ErrorName[];
  const found = names.find((entry) => entry === name || entry === code || errorTable[entry].code === code);
  if (found === undefined) return new StemmaError("API_REFUSED", { reason: error.message.slice(0, 300) });
  const filled = fill(found, values, error.message);
  return filled ?? new StemmaError("API_REFUSED", { reason: error.message.slice(0, 300) });
}

/** The values where the reply holds them; else those that the message, written by the same template, shows. */
function fill(name: ErrorName, values: unknown, message: string): StemmaError | null {
  const { message: template } = errorTable[name];
  const keys = [...template.matchAll(/\{(\w+)\}/g)].map(([, key]) => key ?? "");
  const given = z.record(z.string(), z.union([z.string(), z.number()])).safeParse(values);
  const source = given.success ? given.data : (templateMatch(template, message)?.groups ?? {});
  if (!keys.every((key) => source[key] !== undefined)) return null;
  return new StemmaError(name, source as ErrorValues<ErrorName>);
}

function templateMatch(template: string, message: string): RegExpMatchArray | null {
  const seen = new Set<string>();
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, key: string) => {
    if (seen.has(key)) return `\\k<${key}>`;
    seen.add(key);
    return `(?<${key}>.*?)`;
  });
  return message.match(new RegExp(`^${pattern}$`, "s"));
}

async function post(
  connection: StemmaConnection,
  apiUrl: string,
  typed: TypedQuery<z.ZodType>,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const unavailable = (reason: string, cause?: unknown) =>
    new StemmaError("API_UNAVAILABLE", { url: withoutSecrets(apiUrl), reason }, { cause });
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await connection.fetch(`${apiUrl}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json",
      },
      body: JSON.stringify({ query: typed.document, operationName: typed.name, variables }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw unavailable(error instanceof Error ? error.message : String(error), error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unavailable(`HTTP ${response.status} without a GraphQL reply`, error);
  }
}

function invalid(name: string, error: z.ZodError): StemmaError {
  const problem = z.prettifyError(error).replaceAll("\n", " ").slice(0, 300);
  return new StemmaError("API_REPLY_INVALID", { query: name, problem }, { cause: error });
}
