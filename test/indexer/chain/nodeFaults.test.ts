import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createChainSource } from "../../../indexer/chain/createChainSource.ts";
import type { ChainEvent } from "../../../indexer/model/event.ts";
import { startChain, type TestChain } from "../../helpers/chain.ts";
import { type ProxyReply, type RpcProxy, startRpcProxy } from "../../helpers/rpcProxy.ts";
import { createLedger, followUntil, type Ledger, reached } from "./ledger.ts";
import { startTraffic, type Traffic } from "./registryTraffic.ts";

const quick = { pollIntervalMs: 10, recheckIntervalMs: 20, maxBackoffMs: 50, requestTimeoutMs: 2_000 };
const EVENTS = 25;
let chain: TestChain;
let traffic: Traffic;
let proxy: RpcProxy;
let head = 0n;

before(async () => {
  chain = await startChain();
  traffic = await startTraffic(chain);
  // An empty stretch first, so that ranges have grown beyond block by block when they meet the events.
  await chain.mine(120);
  await traffic.register(EVENTS);
  await chain.mine(70);
  head = await traffic.head();
  proxy = await startRpcProxy(chain.rpcUrl);
});
after(async () => {
  await proxy?.close();
  await chain?.stop();
});

function source(options = {}) {
  const { registry } = traffic.deployment;
  const finality = { driver: "depth", depth: 2 } as const;
  return createChainSource({ rpcUrl: proxy.url, registry }, { finality, ...quick, ...options });
}

function newLedger(): Ledger {
  return createLedger(traffic.deployment.registry);
}

function names(events: readonly ChainEvent[]): (string | null)[] {
  return events.map((event) => (event.kind === "namespaceRegistered" ? event.name : event.kind));
}

function assertWhole(ledger: Ledger): void {
  const expected = Array.from({ length: EVENTS }, (_, index) => `namespace ${index}`);
  assert.deepEqual(names(ledger.events()).slice(0, EVENTS), expected);
}

function failure(reply: ProxyReply, code: number): ProxyReply {
  return { jsonrpc: "2.0", id: reply.id, error: { code, message: "the words don't matter" } };
}

/** Blocks between the bounds of a call of `eth_getLogs`. */
function span(params: unknown[]): number {
  const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
  return fromBlock && toBlock ? Number(BigInt(toBlock) - BigInt(fromBlock)) + 1 : 1;
}

test("a node that is down and comes back is followed without help, and health says so meanwhile", async () => {
  const ledger = newLedger();
  const following = await source();
  let refused = 0;
  let errorSeen: string | null = null;
  proxy.faults = {
    request: () => {
      errorSeen ??= following.health().nodeError;
      if (refused++ < 4) return refused % 2 === 0 ? "drop" : 503;
      return undefined;
    },
  };
  await followUntil(following, ledger, reached(ledger, head));
  assertWhole(ledger);
  assert.match(errorSeen ?? "", /STM-500/);
  assert.equal(following.health().nodeError, null);
});

test("a silent node times out and is asked again", async () => {
  const ledger = newLedger();
  let slow = 0;
  proxy.faults = { delayMs: () => (slow++ < 2 ? 500 : 0) };
  await followUntil(await source({ requestTimeoutMs: 100 }), ledger, reached(ledger, head));
  assertWhole(ledger);
});

test("a range that the node refuses is halved until it fits, by code alone", async () => {
  for (const code of [-32005, -32602, -32003]) {
    const ledger = newLedger();
    proxy.calls.length = 0;
    proxy.faults = {
      reply: (call, reply) =>
        call.method === "eth_getLogs" && span(call.params) > 3 ? failure(reply, code) : undefined,
    };
    await followUntil(await source(), ledger, reached(ledger, head));
    assertWhole(ledger);
    const refused = proxy.calls.filter(({ method, params }) => method === "eth_getLogs" && span(params) > 3);
    // The limit is learnt: it isn't run into again and again.
    assert.ok(refused.length > 0 && refused.length <= 12, `${refused.length} refused calls`);
  }
});

test("a batch of blocks whose answer grows too large is halved", async () => {
  const ledger = newLedger();
  proxy.faults = { reply: (_, reply) => (reply.id > 3 ? failure(reply, -32003) : undefined) };
  await followUntil(await source(), ledger, reached(ledger, head));
  assertWhole(ledger);
});

test("an answer beyond the limit of bytes is asked for in parts", async () => {
  const ledger = newLedger();
  proxy.faults = {};
  await followUntil(await source({ maxReplyBytes: 20_000 }), ledger, reached(ledger, head));
  assertWhole(ledger);
});

test("an empty list from a node that is behind isn't believed", async () => {
  const ledger = newLedger();
  let lies = 0;
  // Two nodes behind one address: the first knows the head, the second, which gets the range, is three blocks short and, as older
  // engines do, answers with an empty list.
  proxy.faults = {
    reply: (call, reply) => {
      const inBatch = reply.id !== 0 || proxy.calls.at(-1)?.method !== "eth_blockNumber";
      if (lies > 3 || !inBatch) return undefined;
      if (call.method === "eth_blockNumber") return { ...reply, result: `0x${(head - 3n).toString(16)}` };
      if (call.method !== "eth_getLogs") return undefined;
      lies++;
      return { ...reply, result: [] };
    },
  };
  await followUntil(await source(), ledger, reached(ledger, head));
  assert.ok(lies > 0);
  assertWhole(ledger);
});

test("logs that a node left out at its tip are missed by the bloom and fetched", async () => {
  const ledger = newLedger();
  let left = 3;
  proxy.faults = {
    reply: (call, reply) => {
      if (call.method !== "eth_getLogs" || left-- <= 0 || !Array.isArray(reply.result)) return undefined;
      return { ...reply, result: reply.result.slice(0, reply.result.length >> 1) };
    },
  };
  await followUntil(await source(), ledger, reached(ledger, head));
  assertWhole(ledger);
});

test("a head that goes back is a slow node, not a reorg", async () => {
  const ledger = newLedger();
  proxy.faults = {};
  const following = await source();
  await followUntil(following, ledger, reached(ledger, head));
  const lagging = head - 5n;
  let polls = 0;
  proxy.faults = {
    reply: (call, reply) => {
      if (polls > 20) return undefined;
      if (call.method === "eth_blockNumber") {
        polls++;
        return { ...reply, result: `0x${lagging.toString(16)}` };
      }
      const isAbove = call.method === "eth_getBlockByNumber" && BigInt(String(call.params[0])) > lagging;
      return isAbove ? { ...reply, result: null } : undefined;
    },
  };
  await traffic.register(1);
  head = await traffic.head();
  await followUntil(following, ledger, reached(ledger, head));
  assert.ok(polls > 20);
  assert.equal(ledger.updates.filter(({ type }) => type === "reorg").length, 0);
  assertWhole(ledger);
});

test("one poll that shows another branch isn't believed", async () => {
  const ledger = newLedger();
  proxy.faults = {};
  const following = await source();
  await followUntil(following, ledger, reached(ledger, head));
  let shown = 0;
  proxy.faults = {
    reply: (call, reply) => {
      const isOurs = call.method === "eth_getBlockByNumber" && BigInt(String(call.params[0])) === head;
      if (!isOurs || shown > 1) return undefined;
      shown++;
      return { ...reply, result: { ...(reply.result as object), hash: `0x${"5a".repeat(32)}` } };
    },
  };
  await traffic.register(1);
  const next = await traffic.head();
  await followUntil(following, ledger, reached(ledger, next));
  head = next;
  assert.equal(shown, 2);
  assert.equal(ledger.updates.filter(({ type }) => type === "reorg").length, 0);
});

test("answers that contradict themselves are asked for again", async () => {
  const lies: ((result: Record<string, unknown>[]) => unknown)[] = [
    (logs) => [...logs, logs[0]],
    (logs) => logs.toReversed(),
    (logs) => logs.map((log) => ({ ...log, blockHash: `0x${"11".repeat(32)}` })),
    (logs) => logs.map((log) => ({ ...log, blockNumber: "0xffffff" })),
    (logs) => logs.map((log) => ({ ...log, removed: true })),
    (logs) => logs.map(({ data: _, ...log }) => log),
    () => "no list",
    () => [null],
  ];
  for (const lie of lies) {
    const ledger = newLedger();
    let told = 0;
    proxy.faults = {
      reply: (call, reply) => {
        const { result } = reply;
        if (call.method !== "eth_getLogs" || !Array.isArray(result) || result.length < 2 || told > 0)
          return undefined;
        told++;
        return { ...reply, result: lie(result) };
      },
    };
    await followUntil(await source(), ledger, reached(ledger, head));
    assert.equal(told, 1);
    assertWhole(ledger);
  }
});

test("answers that aren't JSON-RPC are asked for again", async () => {
  const bodies = ["", "<html>", "[]", "{}", "null", '[{"jsonrpc":"2.0","id":99,"result":null}]'];
  for (const body of bodies) {
    const ledger = newLedger();
    let told = 0;
    proxy.faults = { body: (text) => (told++ === 1 ? body : text) };
    await followUntil(await source(), ledger, reached(ledger, head));
    assertWhole(ledger);
  }
});

test("block times come from headers where logs have none", async () => {
  const whole = newLedger();
  proxy.faults = {};
  await followUntil(await source(), whole, reached(whole, head));
  const ledger = newLedger();
  proxy.faults = {
    reply: (call, reply) => {
      if (call.method !== "eth_getLogs" || !Array.isArray(reply.result)) return undefined;
      return { ...reply, result: reply.result.map(({ blockTimestamp: _, ...log }) => log) };
    },
  };
  const following = await source({ finality: { driver: "instant" } });
  await followUntil(following, ledger, reached(ledger, head));
  assert.deepEqual(ledger.events(), whole.events());
});

test("a chain that was started anew is named", async () => {
  const ledger = newLedger();
  proxy.faults = {};
  const following = await source();
  await followUntil(following, ledger, reached(ledger, head));
  await using other = await startChain();
  proxy.faults = { target: () => other.rpcUrl };
  await assert.rejects(
    followUntil(following, ledger, () => false),
    { name: "CHAIN_RESET" },
  );
});

test("a genesis other than the deployment's is refused at once", async () => {
  proxy.faults = {};
  const following = await source({ genesisHash: `0x${"12".repeat(32)}` });
  await assert.rejects(
    followUntil(following, newLedger(), () => false),
    { name: "CHAIN_RESET" },
  );
});

test("a password in the URL is sent as a header and never shown", async () => {
  const { registry } = traffic.deployment;
  const url = proxy.url.replace("http://", "http://user:secret@");
  const seen: string[] = [];
  const spy: typeof fetch = (input, init) => {
    seen.push(String(input), new Headers(init?.headers).get("authorization") ?? "");
    return fetch(input, init);
  };
  proxy.faults = {};
  const following = await createChainSource({ rpcUrl: url, registry, fetch: spy }, quick);
  assert.equal(seen[1], `Basic ${Buffer.from("user:secret").toString("base64")}`);
  proxy.faults = { request: () => "drop" };
  const stop = new AbortController();
  const stream = following.follow(newLedger().position(), stop.signal)[Symbol.asyncIterator]();
  const pending = stream.next();
  while (following.health().nodeError === null) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  await pending;
  assert.doesNotMatch(`${following.health().nodeError} ${seen.join(" ")}`, /secret/);
});

test("a look-alike contract's logs don't pass for ours", async () => {
  proxy.faults = {};
  const { registry } = traffic.deployment;
  const filters = proxy.calls.filter(({ method }) => method === "eth_getLogs").map(({ params }) => params[0]);
  for (const filter of filters) assert.equal((filter as { address: string }).address, registry);
  // Even where the node ignores the filter.
  const ledger = newLedger();
  proxy.faults = {
    reply: (call, reply) => {
      if (call.method !== "eth_getLogs" || !Array.isArray(reply.result)) return undefined;
      const twins = reply.result.map((log: { logIndex: string }) => ({
        ...log,
        address: `0x${"99".repeat(20)}`,
        logIndex: `0x${(Number(log.logIndex) + 1000).toString(16)}`,
      }));
      const byBlock = (a: { blockNumber: string }, b: { blockNumber: string }) =>
        Number(a.blockNumber) - Number(b.blockNumber);
      return { ...reply, result: [...reply.result, ...twins].sort(byBlock) };
    },
  };
  await followUntil(await source(), ledger, reached(ledger, head));
  assertWhole(ledger);
});
