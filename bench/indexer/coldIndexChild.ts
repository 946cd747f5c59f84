// Loads what a running indexer has loaded, its API included: that is part of its memory.
import "../../indexer/main.ts";
import { createStore } from "../../indexer/store/index.ts";
import { coldIndex } from "./coldIndex.ts";
import type { ColdOrder, ColdReport } from "./coldIndexProcess.ts";
import { createMemoryWatch } from "./memoryWatch.ts";

const { rpcUrl, chain, databaseUrl, log } = JSON.parse(process.argv[2] ?? "") as ColdOrder;
const store = await createStore({ url: databaseUrl });
const memory = createMemoryWatch();
const before = process.cpuUsage();
const result = await coldIndex(rpcUrl, chain, store, { log });
const { user, system } = process.cpuUsage(before);
memory.stop();
const report: ColdReport = { ...result, memory: memory.peak(), cpuSeconds: (user + system) / 1e6 };
await store.close();
process.send?.(report);
process.disconnect?.();
