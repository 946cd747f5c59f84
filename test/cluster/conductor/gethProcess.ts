import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createEngineClient } from "../../../cluster/conductor/engine/createEngineClient.ts";
import type { EngineClient } from "../../../cluster/conductor/engine/engineClient.ts";
import { resolveGeth } from "../../../cluster/engines/geth.ts";
import { bytesToHex } from "../../../protocol/bytes.ts";
import { freePorts } from "./etcdProcess.ts";
import { testGenesis } from "./testGenesis.ts";

export type GethProcess = {
  readonly url: string;
  readonly jwtSecret: Uint8Array;
  readonly engine: EngineClient;
  /** Ends it at once, as a crash would; its data stays. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same data and port. */
  readonly restart: () => Promise<void>;
  /** Ends it and forgets its data. */
  readonly stop: () => Promise<void>;
};

/** A geth without peers on the test genesis, in a temporary folder, with its engine port on the loopback. */
export async function startGeth(): Promise<GethProcess> {
  const program = await resolveGeth({ env: process.env, cacheDir: ".stemma/bin", onProgress: console.error });
  const folder = mkdtempSync(join(tmpdir(), "stemma-test-geth-"));
  const [port] = await freePorts(1);
  const jwtSecret = Uint8Array.from({ length: 32 }, (_, i) => i);
  const url = `http://127.0.0.1:${port}`;
  const engine = createEngineClient({ url, jwtSecret, now: Date.now });
  writeFileSync(join(folder, "genesis.json"), JSON.stringify(testGenesis));
  writeFileSync(join(folder, "jwt"), bytesToHex(jwtSecret));
  const dataDir = join(folder, "data");
  let child: ChildProcess;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const args = [
    ...["--datadir", dataDir, "--syncmode", "full", "--nodiscover", "--maxpeers", "0", "--port", "0"],
    ...["--authrpc.port", String(port), "--authrpc.jwtsecret", join(folder, "jwt"), "--ipcdisable"],
    ...["--miner.gasprice", "1", "--txpool.pricelimit", "1", "--miner.recommit", "250ms", "--cache", "64"],
    // Commits the state of every block: else a killed node on a short chain falls back to genesis.
    ...["--gcmode", "archive", "--state.scheme", "hash"],
  ];
  const start = async () => {
    child = spawn(program, args, { stdio: "ignore" });
    for (let tries = 0; tries < 300; tries++) {
      const head = await engine.head().catch(() => null);
      if (head !== null) return;
      if (child.exitCode !== null) break;
      await sleep(100);
    }
    await kill();
    assert.fail("geth didn't start");
  };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = async () => {
    await kill();
    remove();
  };
  try {
    const init = spawnSync(program, [
      "init",
      "--state.scheme",
      "hash",
      "--datadir",
      dataDir,
      join(folder, "genesis.json"),
    ]);
    assert.equal(init.status, 0, String(init.stderr));
    await start();
  } catch (error) {
    remove();
    throw error;
  }
  return { url, jwtSecret, engine, kill, restart: start, stop };
}
