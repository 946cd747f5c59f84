import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export type ProxyCall = { id: number; method: string; params: unknown[] };
export type ProxyReply = {
  jsonrpc: "2.0";
  id: number;
  result?: unknown;
  error?: { code: number; message: string };
};

/** Looks at each request before it goes on, and at each reply before it comes back. Leave out what should stay as it is. */
export type ProxyFaults = {
  /** Where requests go; the proxy's first target by default. */
  target?: (calls: readonly ProxyCall[]) => string | undefined;
  /** `drop` cuts the connection; a number answers with that HTTP status. */
  request?: (calls: readonly ProxyCall[]) => "drop" | number | undefined;
  /** Milliseconds to wait before the answer. */
  delayMs?: (calls: readonly ProxyCall[]) => number;
  /** Another reply for one call, e.g. an error, a stale head or a truncated list of logs. */
  reply?: (call: ProxyCall, reply: ProxyReply) => ProxyReply | undefined;
  /** The whole answer as text. */
  body?: (text: string) => string;
};

/** A JSON-RPC proxy that misbehaves on demand. */
export type RpcProxy = {
  readonly url: string;
  /** Replaced at any time by the test. */
  faults: ProxyFaults;
  /** Every call so far, in order. */
  readonly calls: ProxyCall[];
  /** Number of HTTP requests so far. */
  requests: number;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a proxy in front of a node.
 *
 * @example
 * await using proxy = await startRpcProxy(chain.rpcUrl);
 * proxy.faults = { request: () => "drop" };
 */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server = createServer((request, response) => {
    void handle(request).then(
      (answer) => {
        if (answer === "drop") response.destroy();
        else response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
      },
      () => response.destroy(),
    );
  });
  const proxy: RpcProxy = {
    url: "",
    faults: {},
    calls: [],
    requests: 0,
    close,
    [Symbol.asyncDispose]: close,
  };

  async function handle(request: IncomingMessage): Promise<"drop" | { status: number; body: string }> {
    const text = await readText(request);
    const parsed = JSON.parse(text) as ProxyCall | ProxyCall[];
    const calls = Array.isArray(parsed) ? parsed : [parsed];
    const { faults } = proxy;
    proxy.requests++;
    proxy.calls.push(...calls);
    const verdict = faults.request?.(calls);
    if (verdict === "drop") return "drop";
    if (verdict !== undefined) return { status: verdict, body: "no" };
    const upstream = await fetch(faults.target?.(calls) ?? target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: text,
    });
    const delayMs = faults.delayMs?.(calls) ?? 0;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    const answer = (await upstream.json()) as ProxyReply | ProxyReply[];
    const change = (reply: ProxyReply) => {
      const call = calls.find(({ id }) => id === reply.id);
      return (call && faults.reply?.(call, reply)) ?? reply;
    };
    const body = JSON.stringify(Array.isArray(answer) ? answer.map(change) : change(answer));
    return { status: 200, body: faults.body?.(body) ?? body };
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
