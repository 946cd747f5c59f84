import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { StemmaError } from "../../protocol/errors.ts";
import { type DevelopmentAccount, developmentAccounts } from "./developmentAccounts.ts";

/** How to start the embedded chain; all of it may be left out. */
export type EmbeddedChainOptions = {
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Time between blocks. By default every transaction gets its block at once. */
  readonly blockIntervalMs?: number;
  readonly chainId?: bigint;
  /** Gas limit of a block. The EIP-7825 cap of 16,777,216 gas for one transaction holds as on mainnet. */
  readonly blockGasLimit?: bigint;
  /** Number of funded development accounts, up to 20. */
  readonly accountCount?: number;
};

/** A running embedded chain. */
export type EmbeddedChain = {
  readonly rpcUrl: string;
  readonly chainId: bigint;
  /** Funded accounts of Hardhat's public test mnemonic; the first one deploys. */
  readonly accounts: readonly DevelopmentAccount[];
  /** Process id of the chain. */
  readonly pid: number;
  /** Ends the chain. Safe to call twice. */
  stop(): Promise<void>;
};

const program = fileURLToPath(new URL("embeddedNode.ts", import.meta.url));
const startTimeoutMs = 60_000;
const stopTimeoutMs = 3_000;

const firstLineSchema = z.union([
  z.strictObject({ port: z.int().positive() }),
  z.strictObject({ error: z.string() }),
]);

/**
 * Starts Hardhat's EDR as a process of its own, bound to 127.0.0.1, and returns once it answers. It keeps its state in memory,
 * so every start is a new chain, and it ends when this process does, however that ends.
 *
 * @throws CHAIN_PORT_TAKEN where something else listens on the port; CHAIN_START_FAILED where the process ends or is silent.
 * @example
 * const chain = await startEmbeddedChain({ port: 8545 });
 * try { await work(chain.rpcUrl); } finally { await chain.stop(); }
 */
export async function startEmbeddedChain(options: EmbeddedChainOptions = {}): Promise<EmbeddedChain> {
  const port = options.port ?? 0;
  const chainId = options.chainId ?? 31337n;
  const settings = JSON.stringify({
    port,
    chainId: Number(chainId),
    blockIntervalMs: options.blockIntervalMs ?? 0,
    blockGasLimit: Number(options.blockGasLimit ?? 100_000_000n),
  });
  // A group of its own: Ctrl-C in the terminal goes to the parent, which stops what it started in its own order.
  const child = spawn(process.execPath, [program, settings], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  child.stdin.on("error", () => {});
  const errorText = collectTail(child);
  try {
    const answer = await firstLine(child);
    if ("error" in answer) {
      if (answer.error === "EADDRINUSE") throw new StemmaError("CHAIN_PORT_TAKEN", { port });
      throw new StemmaError("CHAIN_START_FAILED", { reason: answer.error });
    }
    return {
      rpcUrl: `http://127.0.0.1:${answer.port}`,
      chainId,
      accounts: developmentAccounts(options.accountCount ?? 10),
      pid: child.pid ?? 0,
      stop: () => stopChild(child),
    };
  } catch (error) {
    await stopChild(child);
    if (error instanceof StemmaError) throw error;
    throw new StemmaError("CHAIN_START_FAILED", { reason: errorText() || "no answer" }, { cause: error });
  }
}

async function firstLine(child: ChildProcess): Promise<z.infer<typeof firstLineSchema>> {
  const { stdout } = child;
  if (stdout === null)
    throw new StemmaError("ASSERTION_FAILED", { what: "the embedded chain has no output" });
  const lines = createInterface({ input: stdout });
  const signal = AbortSignal.timeout(startTimeoutMs);
  try {
    const [line] = await Promise.race([
      once(lines, "line", { signal }),
      once(child, "exit", { signal }).then(([code]) => [JSON.stringify({ error: `exit code ${code}` })]),
    ]);
    return firstLineSchema.parse(JSON.parse(line));
  } finally {
    lines.close();
    // What comes later is of no use, and a full pipe would stall the chain.
    stdout.resume();
  }
}

function collectTail(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-2_000);
  });
  return () => tail.trim();
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  try {
    await exited;
  } finally {
    clearTimeout(timer);
  }
}
