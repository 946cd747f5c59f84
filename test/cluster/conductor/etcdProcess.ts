import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { resolveEtcd } from "../../../cluster/engines/etcd.ts";

export type EtcdProcess = {
  readonly endpoint: string;
  /** Ends it at once, as a crash would; its data stays. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same data and ports. */
  readonly restart: () => Promise<void>;
  /** Ends it and forgets its data. */
  readonly stop: () => Promise<void>;
};

/** One etcd with one member, on free ports of the loopback, in a temporary folder. */
export async function startEtcd(options: { arguments?: readonly string[] } = {}): Promise<EtcdProcess> {
  const program = await resolveEtcd({ env: process.env, cacheDir: ".stemma/bin", onProgress: console.error });
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-test-etcd-"));
  const [client, peer] = await freePorts(2);
  const endpoint = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const args = [
    ...["--name", "only", "--data-dir", dataDir, "--log-level", "error", "--unsafe-no-fsync"],
    ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
    ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
    ...["--initial-cluster", `only=${peerUrl}`, ...(options.arguments ?? [])],
  ];
  let child: ChildProcess;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const start = async () => {
    child = spawn(program, args, { stdio: "ignore" });
    for (let tries = 0; tries < 200; tries++) {
      const reply = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(500) }).catch(() => null);
      if (reply?.ok) return;
      if (child.exitCode !== null) break;
      await sleep(50);
    }
    await kill();
    assert.fail("etcd didn't start");
  };
  const stop = async () => {
    await kill();
    rmSync(dataDir, { recursive: true, force: true });
  };
  await start().catch(async (error) => {
    await stop();
    throw error;
  });
  return { endpoint, kill, restart: start, stop };
}

/** Ports of the loopback that nobody listened on a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
