/**
 * Program of the embedded chain: serves Hardhat's EDR over JSON-RPC until its standard input closes. Only
 * `startEmbeddedChain` starts it. Options come as JSON in the first argument; the first line printed is
 * `{"port": n}` or `{"error": "EADDRINUSE"}`.
 */
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { z } from "zod";

const optionsSchema = z.strictObject({
  port: z.int().min(0).max(65535),
  chainId: z.int().positive(),
  blockIntervalMs: z.int().min(0),
  blockGasLimit: z.int().positive(),
});

function reportAndExit(error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  process.stdout.write(`${JSON.stringify({ error: code })}\n`, () => process.exit(1));
}

process.on("uncaughtException", reportAndExit);
process.on("unhandledRejection", reportAndExit);
// The pipe closes when the parent stops us and when the parent dies, however it dies.
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
process.on("SIGTERM", () => process.exit(0));

const options = optionsSchema.parse(JSON.parse(process.argv[2] ?? "{}"));
const automine = options.blockIntervalMs === 0;

const environment = await createHardhatRuntimeEnvironment({
  networks: {
    embedded: {
      type: "edr-simulated",
      chainType: "l1",
      chainId: options.chainId,
      blockGasLimit: options.blockGasLimit,
      // Otherwise every block moves the clock by a second, and a busy chain runs hours ahead of the wall.
      allowBlocksWithSameTimestamp: true,
      // As other nodes do: a failed transaction has a receipt, its sender gets no error.
      throwOnTransactionFailures: false,
      mining: automine
        ? { auto: true, interval: 0 }
        : { auto: false, interval: options.blockIntervalMs, mempool: { order: "fifo" } },
    },
  },
});

const server = await environment.network.createServer("embedded", "127.0.0.1", options.port);
const { port } = await server.listen();
process.stdout.write(`${JSON.stringify({ port })}\n`);
