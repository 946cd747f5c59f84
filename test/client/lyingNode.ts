import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Call = { readonly method: string; readonly params?: readonly unknown[] };
/** Gets the honest result and returns the one to tell. */
export type Lie = (call: Call, honest: unknown) => unknown;

/** A node between the client and an honest one, which tells what `lie` makes of the answers. */
export async function startLyingNode(
  rpcUrl: string,
  lie: Lie,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const call = JSON.parse(body.toString()) as Call;
    const upstream = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const reply = (await upstream.json()) as { result?: unknown };
    if ("result" in reply) reply.result = lie(call, reply.result);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
