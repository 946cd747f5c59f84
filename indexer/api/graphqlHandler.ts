import type { IncomingMessage, ServerResponse } from "node:http";
import { createYoga } from "graphql-yoga";
import { type ApiContext, createContext } from "./context.ts";
import { createLimitsPlugin } from "./limits/limitsPlugin.ts";
import { createMaskError } from "./maskError.ts";
import { buildSchema } from "./schema/buildSchema.ts";

/** Answers one GraphQL request, subscriptions (graphql-sse, distinct connections) included. Resolves when the answer is written. */
export type GraphqlHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type GraphqlOptions = Pick<ApiContext, "sources" | "limits" | "live" | "closing"> & {
  readonly countError: (name: string) => void;
};

/** GraphQL over HTTP at /graphql. Batching and multipart uploads are off. */
export function createGraphqlHandler(options: GraphqlOptions): GraphqlHandler {
  const { countError, ...shared } = options;
  const mask = createMaskError(shared.sources.logger, {
    count: countError,
    requestBytes: shared.limits.requestBytes,
  });
  const yoga = createYoga<object, ApiContext>({
    schema: buildSchema(),
    graphqlEndpoint: "/graphql",
    landingPage: false,
    graphiql: false,
    batching: false,
    multipart: false,
    logging: false,
    cors: { origin: "*", methods: ["GET", "POST", "OPTIONS"], credentials: false },
    maxRequestBodySize: shared.limits.requestBytes,
    context: ({ request }) => createContext(shared, request.signal),
    maskedErrors: { maskError: mask },
    plugins: [createLimitsPlugin(shared.limits, mask)],
  });

  return async (request, response) => {
    const answer = await yoga.handleNodeRequestAndResponse(request, response, {});
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.writeHead(answer.status);
    if (answer.body === null) {
      response.end();
      return;
    }
    await writeBody(answer.body, response);
  };
}

/** Writes chunk by chunk and waits for the socket to take each, so that a slow client holds the stream back. */
async function writeBody(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  response.once("close", cancel);
  try {
    while (!response.destroyed) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!response.write(value)) await drained(response);
    }
  } finally {
    response.off("close", cancel);
    cancel();
    response.end();
  }
}

/** Resolves when the socket can take more, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      response.off("drain", finish);
      response.off("close", finish);
      resolve();
    };
    response.once("drain", finish);
    response.once("close", finish);
    if (response.destroyed) finish();
  });
}
