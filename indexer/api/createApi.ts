import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { StemmaError } from "../../protocol/errors.ts";
import { createLiveCounter } from "./context.ts";
import { createGraphqlHandler } from "./graphqlHandler.ts";
import { createRoutes, routeOf } from "./http/routes.ts";
import { type ApiLimits, defaultApiLimits } from "./limits/apiLimits.ts";
import { createApiMetrics } from "./metrics.ts";
import type { ApiSources } from "./ports.ts";

/** How often Node looks for requests that take too long to arrive. */
const TIMEOUT_CHECK_MS = 1_000;

export type ApiDependencies = ApiSources & { readonly metrics: Registry };

export type ApiOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly limits?: Partial<ApiLimits>;
};

export type Api = {
  /** Where the server listens, without a slash at the end. */
  readonly url: string;
  /** Completes the subscriptions, lets requests in flight finish, then closes. Idempotent. */
  readonly close: () => Promise<void>;
};

/**
 * Serves GraphQL, health, metrics and the log's files on one port. Reads only through the ports it is given and keeps nothing.
 *
 * @throws API_PORT_TAKEN, API_NOT_LISTENING
 */
export async function createApi(dependencies: ApiDependencies, options: ApiOptions): Promise<Api> {
  const { metrics, ...sources } = dependencies;
  const limits: ApiLimits = { ...defaultApiLimits, ...options.limits };
  const live = createLiveCounter(limits.subscriptions);
  const apiMetrics = createApiMetrics(metrics, live.open);
  const closing = new AbortController();
  const graphql = createGraphqlHandler({
    sources,
    limits,
    live,
    closing: closing.signal,
    countError: (name) => apiMetrics.errors.inc({ name }),
  });
  const routes = createRoutes({ sources, limits, metrics, graphql });

  const server = createServer(
    {
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    (request, response) => {
      const route = routeOf((request.url ?? "/").split("?", 1)[0] ?? "/");
      const stop = apiMetrics.duration.startTimer({ route });
      response.once("close", () => {
        const isStream = String(response.getHeader("content-type") ?? "").startsWith("text/event-stream");
        if (!isStream) stop();
        apiMetrics.requests.inc({ route, status: response.statusCode });
        if (closing.signal.aborted) setImmediate(() => server.closeIdleConnections());
      });
      // Closing: this connection must not bring another request.
      if (closing.signal.aborted) response.setHeader("Connection", "close");
      void routes(request, response);
    },
  );
  server.timeout = limits.idleTimeoutMs;
  await listen(server, options);
  const url = urlOf(server);
  sources.logger.info({ url }, "The API listens");

  let closed: Promise<void> | null = null;
  return {
    url,
    close: () => {
      closed ??= closeServer(server, closing, limits.drainTimeoutMs);
      return closed;
    },
  };
}

async function listen(server: Server, { host, port }: ApiOptions): Promise<void> {
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, "code") === "EADDRINUSE") {
      throw new StemmaError("API_PORT_TAKEN", { host, port }, { cause: error });
    }
    throw new StemmaError("API_NOT_LISTENING", { host, port, reason: String(error) }, { cause: error });
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  const { address: host, family, port } = isAddress(address) ? address : { address: "", family: "", port: 0 };
  return `http://${family === "IPv6" ? `[${host}]` : host}:${port}`;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

async function closeServer(server: Server, closing: AbortController, drainTimeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closing.abort();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
  await closed;
  clearTimeout(timer);
}
