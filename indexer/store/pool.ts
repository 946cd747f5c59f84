import { type ClientOptions, openClient, type Sql } from "./connect.ts";

/** Connections for single statements; transactions go through a lane. */
export type Pool = {
  /** The client of the moment. MUST be asked for with each statement, not kept. */
  readonly sql: () => Sql;
  readonly end: () => Promise<void>;
};

const END_TIMEOUT_S = 5;

/**
 * A pool that comes back by itself after the server was away: a client that has lost a connection finishes what its other connections
 * have under way, and the next statement gets a new one.
 */
export function createPool(url: string, options: ClientOptions & { readonly max: number }): Pool {
  let current: Sql | null = null;
  let ended = false;

  const open = () => {
    const client = openClient(url, {
      ...options,
      cancellable: true,
      onClose: () => {
        if (current !== client || ended) return;
        current = null;
        client.end({ timeout: END_TIMEOUT_S }).catch(() => undefined);
      },
    });
    return client;
  };
  return {
    sql: () => {
      current ??= open();
      return current;
    },
    end: async () => {
      ended = true;
      await current?.end({ timeout: END_TIMEOUT_S });
    },
  };
}
