import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

const EXAMPLE = `# Stemma: verifiable data lineage. Ctrl-Enter runs the query, the book on the left shows the schema.
{
  _meta { chainId head { number } finalized { number } logSize checkpointSize anchoredSize }
  records(first: 5, order: NEWEST_FIRST) {
    nodes { recordHash operation state dataset { namespaceName name } }
  }
}
`;

/**
 * The GraphiQL page, complete: script, style and workers are in it, so it works without the internet. It is nine megabytes, so it is
 * made at the first request and kept compressed.
 */
export function createGraphiqlPage(): () => Promise<Uint8Array> {
  let page: Promise<Uint8Array> | null = null;
  return () => {
    page ??= render();
    return page;
  };
}

async function render(): Promise<Uint8Array> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  return compress(renderGraphiQL({ title: "Stemma GraphQL", defaultQuery: EXAMPLE, endpoint: "/graphql" }));
}
