import { parentPort } from "node:worker_threads";
import { createHasher } from "../../indexer/log/createHasher.ts";
import { bareRate } from "./bareRate.ts";

const hasher = await createHasher();
bareRate(hasher, 200_000);

parentPort?.on("message", (leaves: number) => parentPort?.postMessage(bareRate(hasher, leaves)));
parentPort?.postMessage("ready");
