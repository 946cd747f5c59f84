import { StemmaError } from "../../protocol/errors.ts";

export type RpcCall = { readonly method: string; readonly params: readonly unknown[] };

/** What a node said to one call. Its message is for people only: nothing branches on it. */
export type RpcReply =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } };

/** What went over the wire so far. `waitMs` is from sending to the last byte, over all requests, which may overlap. */
export type RpcStatistics = {
  readonly requests: number;
  readonly calls: number;
  readonly bytes: number;
  readonly waitMs: number;
  readonly parseMs: number;
};

export type Rpc = {
  /** Sends all calls in one request, so that one node answers them all; the replies are in the order of the calls. */
  readonly batch: (calls: readonly RpcCall[], signal?: AbortSignal) => Promise<RpcBatch>;
  /** One call. @throws RPC_REFUSED where the node answers with an error, else as `batch`. */
  readonly request: (call: RpcCall, signal?: AbortSignal) => Promise<unknown>;
  readonly statistics: () => RpcStatistics;
};

export type RpcBatch = { readonly replies: readonly RpcReply[]; readonly bytes: number };

export type RpcOptions = {
  readonly timeoutMs: number;
  /** Longer answers are cut off and count as TOO_LARGE. */
  readonly maxReplyBytes: number;
};

/** Reply code of our own for an answer that was too large for the server (HTTP 413) or for us. Outside JSON-RPC's range. */
export const TOO_LARGE = 1;

const PAYLOAD_TOO_LARGE = 413;
const MAX_SHOWN_CHARACTERS = 200;

/**
 * Talks JSON-RPC 2.0 over HTTP, always in batches. Answers aren't compressed: on the machine of the node, gzip would cost node and
 * indexer more than the bytes do.
 *
 * @throws RPC_UNREACHABLE where no whole answer comes, RPC_REPLY_INVALID where it isn't JSON-RPC. The URL is never part of a message,
 * since it may hold a password.
 */
export function createRpc(
  dependencies: { readonly url: string; readonly fetch: typeof fetch; readonly now: () => number },
  options: RpcOptions,
): Rpc {
  const { endpoint, headers } = splitCredentials(dependencies.url);
  const total = { requests: 0, calls: 0, bytes: 0, waitMs: 0, parseMs: 0 };

  async function batch(calls: readonly RpcCall[], signal?: AbortSignal): Promise<RpcBatch> {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })));
    const start = dependencies.now();
    total.requests++;
    total.calls += calls.length;
    const text = await send(body, signal);
    const received = dependencies.now();
    total.waitMs += received - start;
    if (text === null) return { replies: calls.map(() => tooLarge), bytes: options.maxReplyBytes };
    total.bytes += text.length;
    const replies = readReplies(text, calls);
    total.parseMs += dependencies.now() - received;
    return { replies, bytes: text.length };
  }

  /** The answer's text; null where it is too large. */
  async function send(body: string, signal?: AbortSignal): Promise<string | null> {
    const timeout = AbortSignal.timeout(options.timeoutMs);
    try {
      const response = await dependencies.fetch(endpoint, {
        method: "POST",
        headers,
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (response.status === PAYLOAD_TOO_LARGE) return null;
      const bytes = await readBody(response, options.maxReplyBytes);
      if (bytes === null) return null;
      // Some nodes say 4xx or 5xx beside a JSON-RPC error; the error says more.
      const isJson = bytes[0] === 0x5b || bytes[0] === 0x7b;
      if (!response.ok && !isJson) throw unreachable(`HTTP status ${response.status}`);
      return bytes.toString("utf8");
    } catch (cause) {
      if (cause instanceof StemmaError) throw cause;
      throw unreachable(timeout.aborted ? `no answer in ${options.timeoutMs} ms` : problemOf(cause), cause);
    }
  }

  function unreachable(problem: string, cause?: unknown): StemmaError {
    return new StemmaError("RPC_UNREACHABLE", { host: endpoint.host, problem }, { cause });
  }

  return {
    batch,
    async request(call, signal) {
      const [reply] = (await batch([call], signal)).replies;
      return resultOf(reply, call.method);
    },
    statistics: () => ({ ...total }),
  };
}

/** The result of a reply. @throws RPC_REFUSED where it is an error. */
export function resultOf(reply: RpcReply | undefined, method: string): unknown {
  if (reply && "result" in reply) return reply.result;
  const { code, message } = reply?.error ?? { code: 0, message: "no reply" };
  throw new StemmaError("RPC_REFUSED", {
    method,
    rpcCode: code,
    problem: message.slice(0, MAX_SHOWN_CHARACTERS),
  });
}

const tooLarge: RpcReply = { error: { code: TOO_LARGE, message: "the answer is too large" } };

/** fetch refuses user and password in a URL: they go into a header. */
function splitCredentials(url: string): { endpoint: URL; headers: Record<string, string> } {
  const endpoint = new URL(url);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "accept-encoding": "identity",
  };
  if (endpoint.username !== "") {
    const pair = `${decodeURIComponent(endpoint.username)}:${decodeURIComponent(endpoint.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    endpoint.username = "";
    endpoint.password = "";
  }
  return { endpoint, headers };
}

async function readBody(response: Response, maxBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function readReplies(text: string, calls: readonly RpcCall[]): RpcReply[] {
  const invalid = (problem: string, cause?: unknown) =>
    new StemmaError("RPC_REPLY_INVALID", { method: calls[0]?.method ?? "", problem }, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid(`not JSON: ${text.slice(0, MAX_SHOWN_CHARACTERS)}`, cause);
  }
  if (!Array.isArray(parsed)) {
    // One error for the whole batch.
    const error = readError(parsed);
    if (error === undefined) throw invalid("not a batch");
    return calls.map(() => ({ error }));
  }
  const replies: RpcReply[] = [];
  for (const item of parsed as unknown[]) {
    if (typeof item !== "object" || item === null || !("id" in item)) throw invalid("a reply without id");
    if (typeof item.id !== "number" || calls[item.id] === undefined) throw invalid("a reply to no call");
    const error = readError(item);
    if (error) replies[item.id] = { error };
    else if ("result" in item) replies[item.id] = { result: item.result };
  }
  for (let id = 0; id < calls.length; id++)
    if (replies[id] === undefined) throw invalid("a reply is missing");
  return replies;
}

function readError(item: unknown): { code: number; message: string } | undefined {
  if (typeof item !== "object" || item === null || !("error" in item)) return undefined;
  const { error } = item;
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const message = "message" in error ? String(error.message) : "";
  return { code: Number(error.code), message };
}

function problemOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // fetch only says "fetch failed"; what failed is in its cause.
  return cause.cause instanceof Error ? cause.cause.message || cause.message : cause.message;
}
