import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createChainSource } from "../../../indexer/chain/createChainSource.ts";
import { startChain, type TestChain } from "../../helpers/chain.ts";
import { createLedger, followUntil, reached } from "./ledger.ts";
import { startTraffic, type Traffic } from "./registryTraffic.ts";

const quick = { pollIntervalMs: 10, recheckIntervalMs: 30, maxBackoffMs: 100 };
const deep = { driver: "depth", depth: 200 } as const;
let chain: TestChain;
let traffic: Traffic;

before(async () => {
  chain = await startChain();
  traffic = await startTraffic(chain);
});
after(() => chain.stop());

function source(options = {}) {
  const { registry } = traffic.deployment;
  return createChainSource({ rpcUrl: chain.rpcUrl, registry }, { ...quick, ...options });
}

/** What an indexer sees that starts only now. */
async function freshEvents() {
  const { registry } = traffic.deployment;
  const ledger = createLedger(registry);
  await followUntil(
    await source({ finality: { driver: "instant" } }),
    ledger,
    reached(ledger, await traffic.head()),
  );
  return ledger.events();
}

test("an embedded chain is recognised and instantly final", async () => {
  await traffic.register(30);
  const { registry } = traffic.deployment;
  const found = await source();
  assert.equal(found.finality, "instant");
  const ledger = createLedger(registry);
  const head = await traffic.head();
  await followUntil(found, ledger, (update) => update.type === "finalized" && update.block.number === head);
  assert.equal(ledger.events().length, 30);
  assert.equal(ledger.position().cursor?.number, head);
  assert.deepEqual(ledger.position().window, []);
  assert.equal(found.health().head, head);
  assert.equal(found.health().nodeError, null);
});

test("a stream that stops and resumes at any block equals one that ran through", async () => {
  const { registry } = traffic.deployment;
  const head = await traffic.head();
  const ledger = createLedger(registry);
  for (const stop of [3n, 4n, 17n, head]) {
    await followUntil(await source({ finality: deep }), ledger, reached(ledger, stop));
  }
  assert.deepEqual(ledger.events(), await freshEvents());
});

test("small ranges, large ranges and single blocks give the same events", async () => {
  const { registry } = traffic.deployment;
  const head = await traffic.head();
  const expected = await freshEvents();
  for (const options of [
    { maxRangeBlocks: 1 },
    { maxRangeBlocks: 3, prefetch: 5 },
    { targetReplyBytes: 1 },
  ]) {
    const ledger = createLedger(registry);
    await followUntil(
      await source({ ...options, finality: { driver: "instant" } }),
      ledger,
      reached(ledger, head),
    );
    assert.deepEqual(ledger.events(), expected);
  }
});

test("the start block is where the stream begins", async () => {
  const { registry, startBlock } = traffic.deployment;
  const ledger = createLedger(registry, startBlock);
  await followUntil(await source({ startBlock }), ledger, reached(ledger, await traffic.head()));
  const [first] = ledger.updates;
  assert.equal(first?.type === "range" && first.from, startBlock);
});

for (const depth of [1, 5, 50]) {
  test(`a reorg of depth ${depth} ends in the stream of a fresh index`, async () => {
    const { registry } = traffic.deployment;
    await traffic.register(2);
    const snapshot = await chain.snapshot();
    const fork = await traffic.head();
    await traffic.register(depth);
    const ledger = createLedger(registry);
    const following = await source({ finality: deep });
    await followUntil(following, ledger, reached(ledger, fork + BigInt(depth)));

    await chain.revert(snapshot);
    await chain.increaseTime(7);
    await traffic.register(depth + 3);
    const head = await traffic.head();
    await followUntil(following, ledger, reached(ledger, head));
    const reorgs = ledger.updates.filter((update) => update.type === "reorg");
    assert.deepEqual(
      reorgs.map((update) => [update.ancestor.number, update.depth]),
      [[fork, depth]],
    );
    assert.deepEqual(ledger.events(), await freshEvents());
  });
}

test("a block replaced at the same height is noticed without a new one", async () => {
  const { registry } = traffic.deployment;
  const snapshot = await chain.snapshot();
  await traffic.register(1);
  const ledger = createLedger(registry);
  const following = await source({ finality: deep });
  await followUntil(following, ledger, reached(ledger, await traffic.head()));
  await chain.reorg(snapshot, 1);
  await followUntil(following, ledger, () => ledger.updates.at(-2)?.type === "reorg");
  assert.deepEqual(ledger.events(), await freshEvents());
});

test("a reorg met after a restart is found from the stored window", async () => {
  const { registry } = traffic.deployment;
  const snapshot = await chain.snapshot();
  const fork = await traffic.head();
  await traffic.register(4);
  const ledger = createLedger(registry);
  await followUntil(await source({ finality: deep }), ledger, reached(ledger, fork + 4n));
  await chain.reorg(snapshot, 6);
  await followUntil(await source({ finality: deep }), ledger, reached(ledger, fork + 6n));
  assert.deepEqual(ledger.events(), await freshEvents());
});

test("a reorg below finality halts the stream and writes nothing more", async () => {
  const { registry } = traffic.deployment;
  const snapshot = await chain.snapshot();
  await traffic.register(6);
  const ledger = createLedger(registry);
  const following = await source({ finality: { driver: "depth", depth: 2 } });
  const head = await traffic.head();
  await followUntil(
    following,
    ledger,
    (update) => update.type === "finalized" && update.block.number === head - 2n,
  );
  const before = ledger.events();
  await chain.reorg(snapshot, 9);
  await followUntil(following, ledger, (update) => update.type === "halted");
  assert.deepEqual(ledger.events(), before);
  assert.equal(ledger.updates.at(-1)?.type, "halted");
});

test("depth finality trails the head by its depth", async () => {
  const { registry } = traffic.deployment;
  const ledger = createLedger(registry);
  const head = await traffic.head();
  const isDone = () => (ledger.position().finalized?.number ?? 0n) === head - 5n && reached(ledger, head)();
  await followUntil(await source({ finality: { driver: "depth", depth: 5 } }), ledger, isDone);
  const { window } = ledger.position();
  assert.deepEqual(
    window.map(({ number }) => number),
    [4n, 3n, 2n, 1n, 0n].map((below) => head - below),
  );
});

test("blocks that hardhat_mine made in bulk, whose links are broken, don't stop the stream", async () => {
  const { registry } = traffic.deployment;
  const ledger = createLedger(registry);
  const following = await source();
  await followUntil(following, ledger, reached(ledger, await traffic.head()));
  await chain.rpc("hardhat_mine", ["0x20"]);
  await traffic.register(1);
  await followUntil(following, ledger, reached(ledger, await traffic.head()));
  assert.deepEqual(ledger.events(), await freshEvents());
});
