import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  assertSameRows,
  checkCheckpoints,
  dump,
  reached,
  settled,
  startChild,
  startWorld,
  type World,
  withSql,
} from "../../helpers/indexer.ts";

const DEPTH = 60;
const ENV = { STEMMA_FINALITY: `depth:${DEPTH}` };

describe("a chain that reorganises above its final block", { timeout: 180_000 }, () => {
  let world: World;
  let databaseUrl: string;

  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
  });
  after(() => world.stop());

  async function head(): Promise<bigint> {
    return world.deployment.publicClient.getBlockNumber({ cacheTime: 0 });
  }

  /** Waits until the index has the newest block, whether final or not. */
  async function caughtUp(): Promise<void> {
    await reached(databaseUrl, "the head", async ({ cursor }) => cursor === (await head()));
  }

  /** Makes everything final by mining, then the anchors of it. */
  async function settle(): Promise<void> {
    await caughtUp();
    await world.chain.mine(DEPTH + 1);
    await reached(
      databaseUrl,
      "an anchor of everything",
      async ({ sources, entries, checkpoint, anchor, anchorState, final }) =>
        final + BigInt(DEPTH) >= (await head()) - 1n &&
        ![sources, checkpoint, anchor].some((size) => size !== entries) &&
        (anchorState === "MINED" || anchorState === "FINAL"),
    );
    await world.chain.mine(DEPTH + 1);
    await settled(databaseUrl, world.deployment, { behind: BigInt(DEPTH) });
  }

  /** Drops everything since `snapshot` and writes another history of `blocks` blocks in its place. */
  async function replace(
    snapshot: `0x${string}`,
    forget: () => void,
    blocks: number,
    label: string,
  ): Promise<void> {
    await world.chain.revert(snapshot);
    forget();
    await world.chain.client.increaseTime({ seconds: 11 });
    for (let block = 0; block < blocks; block++) {
      await world.ledger.batch([{ name: `${label}/${block % 4}`, data: `${label} new ${block}` }]);
    }
  }

  for (const depth of [1, 5, 50]) {
    it(`ends with the rows of a fresh index after a reorg of depth ${depth}`, async () => {
      const indexer = await world.start(databaseUrl, ENV);
      try {
        await world.ledger.everything(`depth ${depth}`);
        const snapshot = await world.chain.snapshot();
        const forget = world.ledger.mark();
        for (let block = 0; block < depth; block++) {
          await world.ledger.batch([{ name: `old/${block % 4}`, data: `old ${block}` }]);
        }
        await caughtUp();
        const dropped = world.ledger.records.at(-1)?.hash ?? "0x";
        await replace(snapshot, forget, depth + 1, `depth ${depth}`);
        await settle();
        const metrics = await (await fetch(`${indexer.url}/metrics`)).text();
        assert.match(metrics, new RegExp(`stemma_chain_reorg_depth_blocks_sum ${depth}\\b`));
        const gone = await withSql(
          databaseUrl,
          (sql) => sql`SELECT 1 FROM record WHERE record_hash = ${Buffer.from(dropped.slice(2), "hex")}`,
        );
        assert.equal(gone.length, 0);
      } finally {
        await indexer.stop();
      }
      await checkCheckpoints(databaseUrl);
      assertSameRows(await dump(databaseUrl), await world.freshDump(ENV, { behind: BigInt(DEPTH) }));
    });
  }

  for (const stage of ["beforeRewind", "afterRewind"] as const) {
    it(`is taken up again by an indexer that was killed at ${stage}`, async () => {
      const child = await startChild(world, databaseUrl, { env: ENV, kill: { stage, nth: 1 } });
      const snapshot = await world.chain.snapshot();
      const forget = world.ledger.mark();
      for (let block = 0; block < 3; block++) await world.ledger.batch([{ name: `old/${block}` }]);
      await caughtUp();
      await replace(snapshot, forget, 4, stage);
      assert.equal(await child.ended, "SIGKILL");
      const indexer = await world.start(databaseUrl, ENV);
      try {
        await settle();
      } finally {
        await indexer.stop();
      }
      await checkCheckpoints(databaseUrl);
      assertSameRows(await dump(databaseUrl), await world.freshDump(ENV, { behind: BigInt(DEPTH) }));
    });
  }

  it("may take an anchor's own block: the anchor is followed into the new branch", async () => {
    const indexer = await world.start(databaseUrl, ENV);
    try {
      await world.ledger.batch([{ name: "anchored" }]);
      await caughtUp();
      await world.chain.setAutomine(false);
      await world.chain.mine(DEPTH + 1);
      await reached(
        databaseUrl,
        "a sent anchor",
        ({ anchorState, openAnchors }) => anchorState === "SENT" && openAnchors === 1n,
      );
      const snapshot = await world.chain.snapshot();
      await world.chain.mine();
      const size = (
        await reached(databaseUrl, "a mined anchor", ({ anchorState }) => anchorState === "MINED")
      ).anchor;
      const blockHash = await blockHashOf(size);
      await world.chain.reorg(snapshot, 3);
      await caughtUp();
      await world.chain.mine();
      await reached(
        databaseUrl,
        "the anchor in its new block",
        async ({ anchorState }) => anchorState === "MINED" && (await blockHashOf(size)) !== blockHash,
      );
      await world.chain.setAutomine(true);
      await settle();
    } finally {
      await world.chain.setAutomine(true);
      await indexer.stop();
    }
    assertSameRows(await dump(databaseUrl), await world.freshDump(ENV, { behind: BigInt(DEPTH) }));
  });

  async function blockHashOf(size: bigint): Promise<string | null> {
    return withSql(databaseUrl, async (sql) => {
      const [row] = await sql<{ hash: string | null }[]>`
        SELECT encode(block_hash, 'hex') AS hash FROM anchor WHERE size = ${size}`;
      return row?.hash ?? null;
    });
  }
});
