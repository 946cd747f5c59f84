import { setTimeout as pause } from "node:timers/promises";
import { parseConfig } from "../../indexer/config.ts";
import { startIndexer } from "../../indexer/main.ts";
import type { ChildOrder } from "./indexer.ts";

/** An indexer that ends itself at a named stage, as a power cut would. Started by `startChild` alone. */
const order = JSON.parse(process.argv[2] ?? "{}") as ChildOrder;
let passed = 0;
const indexer = await startIndexer(parseConfig(order.env), {
  probe: {
    at: (stage) => {
      if (stage !== order.kill?.stage) return;
      passed += 1;
      if (passed === order.kill.nth) process.kill(process.pid, "SIGKILL");
    },
  },
});
process.send?.({ url: indexer.url });
process.once("SIGTERM", () => {
  void indexer.stop().then(() => process.exit(0));
});
process.on("message", async () => {
  // Buffers are let go by finalisers, which run between two collections.
  for (let round = 0; round < 3; round++) {
    if (globalThis.gc === undefined) throw new Error("start it with --expose-gc");
    globalThis.gc();
    await pause(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ bytes: heapUsed + external });
});
// A test that dies takes its children along.
process.once("disconnect", () => process.exit(1));
