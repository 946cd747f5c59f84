import type { Bench } from "./bench.ts";

/** Every benchmark by its name. Modules are loaded only when they are asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  gas: () => import("./contracts/gas.ts"),
  tree: () => import("./log/tree.ts"),
  index: () => import("./indexer/index.ts"),
  store: () => import("./indexer/store.ts"),
  lineage: () => import("./indexer/lineage.ts"),
};
