import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { StemmaError } from "../../../protocol/errors.ts";

export type EtcdGatewayOptions = {
  /** Base URLs of the members, e.g. `http://127.0.0.1:2379`. */
  readonly endpoints: readonly string[];
  /** A call that took longer counts as unanswered. */
  readonly timeoutMs?: number;
};

/** etcd's JSON gateway: one POST for each call, bytes in base64, 64-bit numbers as decimal text. */
export type EtcdGateway = {
  readonly call: <Reply>(path: string, body: unknown, schema: z.ZodType<Reply>) => Promise<Reply>;
  /** Yields each message of a stream; ends with the connection. */
  readonly stream: <Reply>(
    path: string,
    body: unknown,
    schema: z.ZodType<Reply>,
    signal: AbortSignal,
  ) => AsyncIterable<Reply>;
};

const DEFAULT_TIMEOUT_MS = 2_000;
/** One message of a stream; a watch with `fragment` keeps below etcd's request limit, base64 adds a third. */
const MAX_MESSAGE_CHARACTERS = 32 * 1024 * 1024;
const NEXT_ENDPOINT_PAUSE_MS = 20;

const refusal = z.object({ code: z.number().int(), message: z.string() });
/** A stream wraps what goes wrong in `error`, a plain call doesn't. */
const streamMessage = z.object({ result: z.unknown(), error: refusal.optional() });

/** gRPC's codes that say nothing of whether the call was done (grpc/status.md). */
const UNANSWERED_CODES: ReadonlySet<number> = new Set([1, 2, 4, 10, 13, 14]);
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;

/** @throws ETCD_UNAVAILABLE ETCD_REFUSED ETCD_FULL ETCD_LEASE_GONE ETCD_REPLY_INVALID, from each call */
export function createEtcdGateway(options: EtcdGatewayOptions): EtcdGateway {
  const { endpoints, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  let turn = 0;

  const endpoint = () => endpoints[turn % endpoints.length] ?? "";

  async function post(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const from = endpoint();
    try {
      return await fetch(`${from}${path}`, { method: "POST", body: JSON.stringify(body), signal });
    } catch (cause) {
      turn++;
      throw unavailable(from, path, cause);
    }
  }

  async function call<Reply>(path: string, body: unknown, schema: z.ZodType<Reply>): Promise<Reply> {
    const from = endpoint();
    const response = await post(path, body, AbortSignal.timeout(timeoutMs));
    let text: string;
    try {
      text = await response.text();
    } catch (cause) {
      turn++;
      throw unavailable(from, path, cause);
    }
    if (!response.ok) {
      turn++;
      throw refused(from, path, response.status, text);
    }
    return parse(path, text, schema);
  }

  async function* stream<Reply>(
    path: string,
    body: unknown,
    schema: z.ZodType<Reply>,
    signal: AbortSignal,
  ): AsyncGenerator<Reply> {
    const from = endpoint();
    const response = await post(path, body, signal);
    if (!response.ok || response.body === null) {
      turn++;
      throw refused(from, path, response.status, await response.text());
    }
    let rest = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body) {
        rest += decoder.decode(chunk, { stream: true });
        if (rest.length > MAX_MESSAGE_CHARACTERS) throw invalid(path, "a message that never ends");
        const lines = rest.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line === "") continue;
          const message = parse(path, line, streamMessage);
          if (message.error) throw refused(from, path, 200, JSON.stringify(message.error));
          yield check(path, message.result, schema);
        }
      }
    } catch (cause) {
      turn++;
      if (cause instanceof StemmaError) throw cause;
      throw unavailable(from, path, cause);
    }
    turn++;
  }

  return { call, stream };
}

/** Waits before another endpoint is tried, so that a cluster that is gone isn't asked in a busy loop. */
export async function pauseBeforeRetry(attempt: number, signal: AbortSignal): Promise<void> {
  const pauseMs = Math.min(NEXT_ENDPOINT_PAUSE_MS * 2 ** Math.min(attempt, 6), 1_000);
  await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
}

function parse<Reply>(path: string, text: string, schema: z.ZodType<Reply>): Reply {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(path, "not JSON");
  }
  return check(path, value, schema);
}

function check<Reply>(path: string, value: unknown, schema: z.ZodType<Reply>): Reply {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(path, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

function refused(from: string, path: string, status: number, text: string): StemmaError {
  let reply: z.infer<typeof refusal>;
  try {
    reply = refusal.parse(JSON.parse(text));
  } catch {
    return unavailable(from, path, new Error(`HTTP status ${status}`));
  }
  const { code, message } = reply;
  if (code === NOT_FOUND && message.includes("lease"))
    return new StemmaError("ETCD_LEASE_GONE", { lease: "asked for" });
  if (code === RESOURCE_EXHAUSTED && message.includes("space"))
    return new StemmaError("ETCD_FULL", { problem: message });
  if (UNANSWERED_CODES.has(code)) return unavailable(from, path, new Error(message));
  return new StemmaError("ETCD_REFUSED", { request: path, etcdCode: code, problem: message });
}

function unavailable(endpoint: string, request: string, cause: unknown): StemmaError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const problem = inner instanceof Error ? inner.message : String(inner);
  return new StemmaError("ETCD_UNAVAILABLE", { endpoint, request, problem }, { cause });
}

function invalid(request: string, problem: string): StemmaError {
  return new StemmaError("ETCD_REPLY_INVALID", { request, problem });
}
