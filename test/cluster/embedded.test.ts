import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { startEmbeddedChain } from "../../cluster/targets/embedded.ts";
import { startChain } from "../helpers/chain.ts";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntilGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (!isAlive(pid)) return true;
    await sleep(50);
  }
  return false;
}

describe("embedded chain", () => {
  it("answers with its chain id, funds its accounts and stops", async () => {
    const chain = await startChain({ chainId: 4242n });
    try {
      assert.equal(await chain.client.getChainId(), 4242);
      for (const { address, privateKey } of chain.accounts.slice(0, 3)) {
        assert.equal(privateKeyToAccount(privateKey).address.toLowerCase(), address);
        assert.equal(await chain.client.getBalance({ address }), parseEther("10000"));
      }
    } finally {
      await chain.stop();
    }
    await chain.stop();
    assert.equal(isAlive(chain.pid), false);
  });

  it("names the port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    try {
      await assert.rejects(startEmbeddedChain({ port: address.port }), { name: "CHAIN_PORT_TAKEN" });
    } finally {
      server.close();
    }
  });

  it("refuses settings that make no sense", async () => {
    await assert.rejects(startEmbeddedChain({ blockIntervalMs: -1 }), { name: "CHAIN_START_FAILED" });
  });

  it("ends when the process that started it is killed", async () => {
    const source = `
      import { startEmbeddedChain } from ${JSON.stringify(new URL("../../cluster/targets/embedded.ts", import.meta.url))};
      console.log((await startEmbeddedChain()).pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), "line");
    const pid = Number(line);
    assert.ok(isAlive(pid));
    parent.kill("SIGKILL");
    await once(parent, "exit");
    assert.ok(await waitUntilGone(pid));
  });

  it("mines at an interval", async () => {
    await using chain = await startChain({ blockIntervalMs: 50 });
    const before = await chain.client.getBlockNumber();
    await sleep(500);
    assert.ok((await chain.client.getBlockNumber()) > before);
  });

  it("makes a reorg: other blocks at the same heights", async () => {
    await using chain = await startChain();
    const snapshot = await chain.snapshot();
    await chain.mine(3);
    const dropped = await chain.client.getBlock({ blockNumber: 2n });
    await chain.reorg(snapshot, 4);
    assert.equal(await chain.client.getBlockNumber(), 4n);
    assert.notEqual((await chain.client.getBlock({ blockNumber: 2n })).hash, dropped.hash);
  });

  it("keeps to the clock of the wall when blocks come faster than seconds", async () => {
    await using chain = await startChain();
    await Promise.all(Array.from({ length: 50 }, () => chain.rpc("evm_mine")));
    const { timestamp } = await chain.client.getBlock();
    assert.ok(Number(timestamp) <= Date.now() / 1000 + 2);
  });
});
