import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StemmaError } from "../../protocol/errors.ts";

export type GethNode = {
  readonly rpcUrl: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

/** Starts `geth --dev` on a folder that it keeps its chain in. Without a period it makes no block unless asked. */
export async function startGeth(
  binary: string,
  dataDir: string,
  options: { readonly periodSeconds?: number } = {},
): Promise<GethNode> {
  mkdirSync(dataDir, { recursive: true });
  const port = await freePort();
  const log = openSync(join(dataDir, "geth.log"), "a");
  const args = [
    "--dev",
    `--dev.period=${options.periodSeconds ?? 0}`,
    "--dev.gaslimit=400000000",
    `--datadir=${dataDir}`,
    "--cache=512",
    "--http",
    `--http.port=${port}`,
    "--http.api=eth,net,web3",
    "--ipcdisable",
    "--port=0",
    "--nodiscover",
    "--maxpeers=0",
    "--rpc.txfeecap=0",
    "--miner.gasprice=1",
    "--txpool.pricelimit=1",
    "--txpool.accountslots=4096",
    "--verbosity=3",
  ];
  const child = spawn(binary, args, { stdio: ["ignore", log, log] });
  closeSync(log);
  const rpcUrl = `http://127.0.0.1:${port}`;
  try {
    await untilAnswers(rpcUrl, child);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    rpcUrl,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  };
}

async function untilAnswers(rpcUrl: string, child: ChildProcess): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] });
  const headers = { "content-type": "application/json" };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new StemmaError("BENCH_FAILED", { reason: `geth ended with code ${child.exitCode}` });
    const answer = await fetch(rpcUrl, { method: "POST", headers, body }).catch(() => null);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new StemmaError("BENCH_FAILED", { reason: "geth didn't start" });
}

/** An orderly stop lets geth write its state down, so that the chain is there the next time. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string")
    throw new StemmaError("BENCH_FAILED", { reason: "no port" });
  return address.port;
}
