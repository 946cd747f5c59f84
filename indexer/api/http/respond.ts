import type { ServerResponse } from "node:http";
import type { StemmaError } from "../../../protocol/errors.ts";
import { describeShown } from "../maskError.ts";

export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
};

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: "application/json; charset=utf-8", body: `${JSON.stringify(value)}\n`, headers };
}

/** An error as JSON: `{error: {code, name, message, advice, retry, docs}}`. Never a stack. */
export function jsonError(
  status: number,
  error: StemmaError,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { error: describeShown(error) }, headers);
}

/** Writes an answer whole; without its body for HEAD. */
export function respond(
  response: ServerResponse,
  answer: Answer,
  options: { readonly isHead: boolean },
): void {
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    "Cache-Control": "no-store",
    ...answer.headers,
    "Content-Type": answer.type,
    "Content-Length": body.length,
  });
  response.end(options.isHead ? undefined : body);
}
