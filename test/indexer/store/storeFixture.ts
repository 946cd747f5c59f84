import { after, before } from "node:test";
import { createStore, type Store, type StoreOptions } from "../../../indexer/store/index.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";

export type StoreFixture = {
  readonly postgres: () => TestPostgres;
  /** A store on a fresh database; closed after the tests. */
  readonly fresh: (options?: Omit<StoreOptions, "url">) => Promise<{ store: Store; url: string }>;
  /** Another store on a database that is there. */
  readonly open: (url: string, options?: Omit<StoreOptions, "url">) => Promise<Store>;
};

/** One server for the suite that calls this, and stores on it. */
export function storeFixture(options: { durable?: boolean } = {}): StoreFixture {
  let postgres: TestPostgres | null = null;
  const stores: Store[] = [];
  const server = () => {
    if (postgres === null) throw new Error("the server is not started");
    return postgres;
  };
  before(async () => {
    postgres = await startPostgres(options);
  });
  after(async () => {
    for (const store of stores) await store.close();
    await postgres?.stop();
  });
  const open = async (url: string, storeOptions: Omit<StoreOptions, "url"> = {}) => {
    const store = await createStore({ url, ...storeOptions });
    stores.push(store);
    return store;
  };
  return {
    postgres: server,
    open,
    fresh: async (storeOptions = {}) => {
      const url = await server().createDatabase();
      return { url, store: await open(url, storeOptions) };
    },
  };
}
