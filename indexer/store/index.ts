export { createStore, type Store, type StoreOptions } from "./createStore.ts";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./embeddedPostgres.ts";
export { migrate } from "./migrate.ts";
