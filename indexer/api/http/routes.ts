import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { StemmaError } from "../../../protocol/errors.ts";
import type { GraphqlHandler } from "../graphqlHandler.ts";
import type { ApiLimits } from "../limits/apiLimits.ts";
import { isOverload, showError } from "../maskError.ts";
import type { ApiSources } from "../ports.ts";
import { createGraphiqlPage } from "./graphiqlPage.ts";
import { answerLive, answerReady } from "./health.ts";
import { answerCheckpoint, answerTile } from "./logRoutes.ts";
import { type Answer, jsonError, respond } from "./respond.ts";

export type RouteName = "graphql" | "live" | "ready" | "metrics" | "checkpoint" | "tile" | "none";

export type RouteOptions = {
  readonly sources: ApiSources;
  readonly limits: ApiLimits;
  readonly metrics: Registry;
  readonly graphql: GraphqlHandler;
};

const MAX_SHOWN_PATH = 100;

/** The route of a path, for metrics too: few names, whatever is asked for. */
export function routeOf(path: string): RouteName {
  if (path === "/graphql") return "graphql";
  if (path.startsWith("/tile/")) return "tile";
  const name = path.slice(1);
  return name === "live" || name === "ready" || name === "metrics" || name === "checkpoint" ? name : "none";
}

/** Answers every request, whatever happens: an error becomes JSON with a code. */
export function createRoutes(
  options: RouteOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { sources, limits, metrics, graphql } = options;
  const graphiqlPage = createGraphiqlPage();

  return async (request, response) => {
    setSecurityHeaders(response);
    const path = pathOf(request);
    const isHead = request.method === "HEAD";
    try {
      const route = routeOf(path);
      if (route === "graphql") {
        if (wantsPage(request)) await sendPage(request, response);
        else await graphql(request, response);
        return;
      }
      if (route !== "none" && request.method !== "GET" && !isHead) {
        const error = new StemmaError("METHOD_NOT_ALLOWED", { method: request.method ?? "?", path });
        respond(response, jsonError(405, error, { Allow: "GET, HEAD" }), { isHead });
        return;
      }
      respond(response, await answer(route, path), { isHead });
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      respond(response, answerError(error), { isHead });
    }
  };

  async function answer(route: Exclude<RouteName, "graphql">, path: string): Promise<Answer> {
    switch (route) {
      case "live":
        return answerLive();
      case "ready":
        return answerReady(sources, limits);
      case "metrics":
        return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
      case "checkpoint":
        return answerCheckpoint(sources);
      case "tile":
        return answerTile(path.slice(1), sources);
      case "none":
        throw new StemmaError("ROUTE_NOT_FOUND", { path: path.slice(0, MAX_SHOWN_PATH) });
    }
  }

  function answerError(error: unknown): Answer {
    const shown = showError(error, sources.logger);
    if (isOverload(shown)) return jsonError(503, shown, { "Retry-After": "1" });
    return jsonError(shown.name === "INTERNAL_ERROR" ? 500 : 404, shown);
  }

  async function sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await graphiqlPage();
    // The page's script and workers are inline; it talks to this server only.
    response.setHeader(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const headers = { "Content-Encoding": "gzip", Vary: "Accept" };
    const answer = { status: 200, type: "text/html; charset=utf-8", body: page, headers };
    respond(response, answer, { isHead: request.method === "HEAD" });
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

/** A browser that opens the address, and no query in it. */
function wantsPage(request: IncomingMessage): boolean {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const hasQuery = /[?&]query=/.test(request.url ?? "");
  return isRead && !hasQuery && (request.headers.accept ?? "").includes("text/html");
}

function setSecurityHeaders(response: ServerResponse): void {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.setHeader("Access-Control-Allow-Origin", "*");
}
