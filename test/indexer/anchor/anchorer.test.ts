import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { developmentAccounts } from "../../../cluster/targets/developmentAccounts.ts";
import {
  type Anchorer,
  type AnchorerOptions,
  type AnchorNotice,
  createAnchorer,
} from "../../../indexer/anchor/anchorer.ts";
import { createCheckpointer, createLogBuilder, createPlainHasher } from "../../../indexer/log/index.ts";
import type { Probe } from "../../../indexer/model/probe.ts";
import type { Leadership } from "../../../indexer/model/store.ts";
import { createStore, type Store } from "../../../indexer/store/index.ts";
import { checkpointAnchorAbi } from "../../../protocol/abi/checkpointAnchor.generated.ts";
import { bytesToHex, equalBytes, type Hex, utf8 } from "../../../protocol/bytes.ts";
import { sha256 } from "../../../protocol/hash.ts";
import { createNoteSigner } from "../../../protocol/signedNote.ts";
import { startChain, type TestChain } from "../../helpers/chain.ts";
import { deployContracts, type TestDeployment } from "../../helpers/deploy.ts";
import { startPostgres, type TestPostgres } from "../../helpers/postgres.ts";

describe("the anchorer", { timeout: 60_000 }, () => {
  let chain: TestChain;
  let postgres: TestPostgres;
  let deployment: TestDeployment;
  let stores: Store[] = [];
  let notices: AnchorNotice[] = [];
  let origins = 0;

  before(async () => {
    chain = await startChain();
    postgres = await startPostgres();
    deployment = await deployContracts(chain.rpcUrl);
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await postgres.stop();
    await chain.stop();
  });
  beforeEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
    notices = [];
    await chain.setAutomine(true);
  });

  /** A log of its own on the shared contract. */
  async function newLog(options: { register?: boolean; operator?: Hex } = {}) {
    const origin = `stemma.local/test/${++origins}`;
    const logId = bytesToHex(sha256(utf8(origin)));
    if (options.register ?? true) {
      await write("registerLog", [origin, options.operator ?? deployment.operator.address]);
    }
    return { origin, logId };
  }

  async function write(functionName: "registerLog" | "pause" | "unpause", args: readonly unknown[]) {
    const hash = await deployment.deployerWallet.writeContract({
      address: deployment.anchor,
      abi: checkpointAnchorAbi as never,
      functionName: functionName as never,
      args: args as never,
    });
    await deployment.publicClient.waitForTransactionReceipt({ hash });
  }

  async function newStore(): Promise<{ store: Store; leadership: Leadership }> {
    const store = await createStore({ url: await postgres.createDatabase() });
    stores.push(store);
    const leadership = await store.log.lead();
    assert.ok(leadership);
    return { store, leadership };
  }

  /** Appends entries and signs a checkpoint over them. */
  async function grow(
    store: Store,
    origin: string,
    { count, salt = "", epoch = 1n }: { count: number; salt?: string; epoch?: bigint },
  ) {
    const state = await store.log.state();
    const builder = await createLogBuilder(
      { hasher: createPlainHasher() },
      { state, readTile: store.log.readTile },
    );
    const entries = Array.from({ length: count }, (_, index) => {
      const sourceId = state.lastSourceId + 1n + BigInt(index);
      return { sourceId, kind: "record" as const, hash: sha256(utf8(`${salt} ${sourceId}`)) };
    });
    await store.log.append(await builder.append(entries, 1), epoch);
    builder.commit();
    const signer = createNoteSigner({ name: origin, seed: new Uint8Array(32).fill(7) });
    const checkpointer = await createCheckpointer(
      { log: store.log, signer },
      { everyEntries: 1n, everyMs: 0 },
    );
    await checkpointer.write(builder, epoch, Date.now());
  }

  function makeAnchorer(
    store: Store,
    logId: Hex,
    options: Partial<AnchorerOptions & { probe: Probe }> = {},
  ): Anchorer {
    const { probe, ...rest } = options;
    return createAnchorer(
      {
        ...{ anchors: store.anchors, log: store.log, clock: { now: Date.now }, probe },
        notify: (notice) => notices.push(notice),
      },
      {
        ...{ rpcUrl: chain.rpcUrl, chainId: 31337n, contract: deployment.anchor, fromBlock: 0n, logId },
        ...{ key: deployment.operator.privateKey, intervalMs: 0 },
        ...rest,
      },
    );
  }

  async function head(): Promise<bigint> {
    return deployment.publicClient.getBlockNumber({ cacheTime: 0 });
  }

  function anchored(logId: Hex) {
    return deployment.publicClient.readContract({
      address: deployment.anchor,
      abi: checkpointAnchorAbi,
      functionName: "latest",
      args: [logId],
    });
  }

  const taken = (size?: bigint) =>
    notices.filter((notice) => size === undefined || notice.size === size).map(({ type }) => type);

  it("takes a checkpoint from sealed to final, and the next one with a consistency proof", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    const anchorer = makeAnchorer(store, logId);
    for (const [count, size] of [
      [5, 5n],
      [700, 705n],
    ] as const) {
      await grow(store, origin, { count });
      const progress = await anchorer.step({ epoch: 1n, finalized: null });
      assert.deepEqual(progress, { ...progress, anchoredSize: size, open: 1 });
      await anchorer.step({ epoch: 1n, finalized: await head() });
      assert.deepEqual(taken(size), ["sealed", "sent", "mined", "final"]);
      const { root } = await store.log.state();
      const onChain = await anchored(logId);
      assert.deepEqual({ size: onChain.size, root: onChain.root }, { size, root: bytesToHex(root) });
    }
    assert.deepEqual((await anchorer.step({ epoch: 1n, finalized: await head() })).open, 0);
    assert.equal(notices.length, 8);
  });

  it("is final only once the block is", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    const anchorer = makeAnchorer(store, logId);
    await grow(store, origin, { count: 1 });
    await anchorer.step({ epoch: 1n, finalized: 0n });
    await anchorer.step({ epoch: 1n, finalized: (await head()) - 1n });
    assert.equal((await store.anchors.latest())?.state, "MINED");
    await anchorer.step({ epoch: 1n, finalized: await head() });
    assert.equal((await store.anchors.latest())?.state, "FINAL");
  });

  it("sends the same bytes again after a crash between signing and sending", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    await grow(store, origin, { count: 3 });
    const crash = {
      at: (stage: string) => (stage === "afterSent" ? Promise.reject(new Error("crash")) : undefined),
    };
    await assert.rejects(makeAnchorer(store, logId, { probe: crash }).step({ epoch: 1n, finalized: null }));
    const before = await store.anchors.latest();
    assert.equal(before?.state, "SENT");
    await makeAnchorer(store, logId).step({ epoch: 1n, finalized: null });
    await makeAnchorer(store, logId).step({ epoch: 1n, finalized: await head() });
    const row = await store.anchors.latest();
    assert.equal(row?.state, "FINAL");
    assert.ok(
      equalBytes(row?.transactionHash ?? new Uint8Array(0), before?.transactionHash ?? new Uint8Array(1)),
    );
    assert.ok(taken().includes("resent"));
  });

  it("sends again what the node forgot", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    await grow(store, origin, { count: 3 });
    await chain.setAutomine(false);
    const anchorer = makeAnchorer(store, logId);
    await anchorer.step({ epoch: 1n, finalized: null });
    const sent = await store.anchors.latest();
    await chain.rpc("hardhat_dropTransaction", [bytesToHex(sent?.transactionHash ?? new Uint8Array(0))]);
    await anchorer.step({ epoch: 1n, finalized: null });
    await chain.mine();
    await anchorer.step({ epoch: 1n, finalized: await head() });
    assert.deepEqual(taken(), ["sealed", "sent", "resent", "mined"]);
    assert.deepEqual((await store.anchors.latest())?.transactionHash, sent?.transactionHash);
  });

  it("replaces a stuck transaction with a dearer one of the same nonce, and one of the two is mined", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    await grow(store, origin, { count: 3 });
    await chain.setAutomine(false);
    const anchorer = makeAnchorer(store, logId, { stuckAfterMs: 0 });
    await anchorer.step({ epoch: 1n, finalized: null });
    const first = await store.anchors.latest();
    await anchorer.step({ epoch: 1n, finalized: null });
    const second = await store.anchors.latest();
    assert.equal(second?.nonce, first?.nonce);
    assert.notDeepEqual(second?.transactionHash, first?.transactionHash);
    await chain.mine();
    await anchorer.step({ epoch: 1n, finalized: await head() });
    assert.equal((await anchored(logId)).size, 3n);
    assert.notEqual((await store.anchors.latest())?.state, "SENT");
  });

  it("takes an anchor back to sent when its block is gone, and sends the same bytes into the new branch", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    await grow(store, origin, { count: 3 });
    const snapshot = await chain.snapshot();
    const anchorer = makeAnchorer(store, logId);
    await anchorer.step({ epoch: 1n, finalized: null });
    const mined = await store.anchors.latest();
    assert.equal(mined?.state, "MINED");
    await chain.reorg(snapshot, 3);
    await anchorer.step({ epoch: 1n, finalized: null });
    await anchorer.step({ epoch: 1n, finalized: await head() });
    await anchorer.step({ epoch: 1n, finalized: await head() });
    const row = await store.anchors.latest();
    assert.equal(row?.state, "FINAL");
    assert.deepEqual(row?.transactionHash, mined?.transactionHash);
    assert.notDeepEqual(row?.blockHash, mined?.blockHash);
    assert.ok(taken().includes("unmined"));
  });

  it("adopts what an earlier run anchored, instead of paying again", async () => {
    const { origin, logId } = await newLog();
    const first = await newStore();
    await grow(first.store, origin, { count: 9 });
    await makeAnchorer(first.store, logId).step({ epoch: 1n, finalized: null });
    const nonces = await deployment.publicClient.getTransactionCount({
      address: deployment.operator.address,
    });

    const rebuilt = await newStore();
    await grow(rebuilt.store, origin, { count: 9 });
    const anchorer = makeAnchorer(rebuilt.store, logId);
    await anchorer.step({ epoch: 1n, finalized: null });
    await anchorer.step({ epoch: 1n, finalized: await head() });
    assert.deepEqual(
      {
        ...(await rebuilt.store.anchors.latest()),
        state: null,
        finalAt: null,
        fromSize: null,
        sealedAt: null,
        sentAt: null,
        minedAt: null,
      },
      {
        ...(await first.store.anchors.latest()),
        state: null,
        finalAt: null,
        fromSize: null,
        sealedAt: null,
        sentAt: null,
        minedAt: null,
      },
    );
    assert.equal((await rebuilt.store.anchors.latest())?.state, "FINAL");
    assert.equal(
      await deployment.publicClient.getTransactionCount({ address: deployment.operator.address }),
      nonces,
    );
    assert.ok(taken().includes("adopted"));
  });

  it("waits while its log is still behind what the chain holds", async () => {
    const { origin, logId } = await newLog();
    const first = await newStore();
    await grow(first.store, origin, { count: 9 });
    await makeAnchorer(first.store, logId).step({ epoch: 1n, finalized: null });
    const rebuilt = await newStore();
    await grow(rebuilt.store, origin, { count: 4 });
    await makeAnchorer(rebuilt.store, logId).step({ epoch: 1n, finalized: null });
    assert.equal(await rebuilt.store.anchors.latest(), null);
    await grow(rebuilt.store, origin, { count: 6 });
    await makeAnchorer(rebuilt.store, logId).step({ epoch: 1n, finalized: null });
    assert.equal((await anchored(logId)).size, 10n);
  });

  it("refuses to anchor a log that doesn't extend what is anchored, without sending anything", async () => {
    const { origin, logId } = await newLog();
    const first = await newStore();
    await grow(first.store, origin, { count: 9 });
    await makeAnchorer(first.store, logId).step({ epoch: 1n, finalized: null });
    const nonces = await deployment.publicClient.getTransactionCount({
      address: deployment.operator.address,
    });
    const forked = await newStore();
    await grow(forked.store, origin, { count: 20, salt: "another history" });
    await assert.rejects(makeAnchorer(forked.store, logId).step({ epoch: 1n, finalized: null }), {
      name: "ANCHORING_INCONSISTENT",
      retry: false,
    });
    const samesize = await newStore();
    await grow(samesize.store, origin, { count: 9, salt: "another history" });
    await assert.rejects(makeAnchorer(samesize.store, logId).step({ epoch: 1n, finalized: null }), {
      name: "ANCHORING_ROOT_CONFLICT",
      retry: false,
    });
    assert.equal(
      await deployment.publicClient.getTransactionCount({ address: deployment.operator.address }),
      nonces,
    );
  });

  it("says that it is deposed when the contract stands at a higher epoch", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    const hash = await deployment.operatorWallet.writeContract({
      address: deployment.anchor,
      abi: checkpointAnchorAbi,
      functionName: "raiseEpoch",
      args: [logId, 4n],
    });
    await deployment.publicClient.waitForTransactionReceipt({ hash });
    await grow(store, origin, { count: 2 });
    const anchorer = makeAnchorer(store, logId);
    await assert.rejects(anchorer.step({ epoch: 1n, finalized: null }), { name: "ANCHORING_DEPOSED" });
    assert.equal(await anchorer.contractEpoch(), 4n);
  });

  it("names a log that isn't registered, and an account that isn't its operator", async () => {
    const unknown = await newLog({ register: false });
    const first = await newStore();
    await grow(first.store, unknown.origin, { count: 2 });
    await assert.rejects(makeAnchorer(first.store, unknown.logId).step({ epoch: 1n, finalized: null }), {
      name: "ANCHORING_LOG_UNKNOWN",
      retry: false,
    });
    const foreign = await newLog({ operator: deployment.deployer.address });
    const second = await newStore();
    await grow(second.store, foreign.origin, { count: 2 });
    await assert.rejects(makeAnchorer(second.store, foreign.logId).step({ epoch: 1n, finalized: null }), {
      name: "ANCHORING_NOT_OPERATOR",
      retry: false,
    });
  });

  it("waits for a paused contract, and goes on when it is opened", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    await grow(store, origin, { count: 2 });
    const anchorer = makeAnchorer(store, logId);
    await write("pause", []);
    try {
      await assert.rejects(anchorer.step({ epoch: 1n, finalized: null }), {
        name: "ANCHORING_PAUSED",
        retry: true,
      });
    } finally {
      await write("unpause", []);
    }
    await anchorer.step({ epoch: 1n, finalized: null });
    assert.equal((await anchored(logId)).size, 2n);
  });

  it("survives that a transaction of its account used its nonce up", async () => {
    const { origin, logId } = await newLog();
    const { store } = await newStore();
    await grow(store, origin, { count: 2 });
    const crash = {
      at: (stage: string) => (stage === "afterSent" ? Promise.reject(new Error("crash")) : undefined),
    };
    await assert.rejects(makeAnchorer(store, logId, { probe: crash }).step({ epoch: 1n, finalized: null }));
    const hash = await deployment.operatorWallet.sendTransaction({
      to: deployment.deployer.address,
      value: 1n,
    });
    await deployment.publicClient.waitForTransactionReceipt({ hash });
    const anchorer = makeAnchorer(store, logId);
    await anchorer.step({ epoch: 1n, finalized: null });
    await anchorer.step({ epoch: 1n, finalized: await head() });
    assert.equal((await anchored(logId)).size, 2n);
    assert.ok(taken().includes("discarded"));
  });

  it("says that its account can't pay", async () => {
    const poor = developmentAccounts(20)[19];
    assert.ok(poor);
    await chain.rpc("hardhat_setBalance", [poor.address, "0x1"]);
    const { origin, logId } = await newLog({ operator: poor.address });
    const { store } = await newStore();
    await grow(store, origin, { count: 2 });
    await assert.rejects(
      makeAnchorer(store, logId, { key: poor.privateKey }).step({ epoch: 1n, finalized: null }),
      { name: "ANCHORING_UNFUNDED", retry: true },
    );
  });

  it("tells a node that is away from a node of another chain", async () => {
    const { logId } = await newLog({ register: false });
    const { store } = await newStore();
    await assert.rejects(
      makeAnchorer(store, logId, { rpcUrl: "http://127.0.0.1:1" }).step({ epoch: 1n, finalized: null }),
      { name: "ANCHORING_CHAIN_UNREACHABLE", retry: true },
    );
    await assert.rejects(makeAnchorer(store, logId, { chainId: 5n }).step({ epoch: 1n, finalized: null }), {
      name: "ANCHORING_WRONG_CHAIN",
      retry: false,
    });
  });
});
