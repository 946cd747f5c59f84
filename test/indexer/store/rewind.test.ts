import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dumpTables } from "../../helpers/postgres.ts";
import { busyBlock, bytes32, header } from "./chainOfEvents.ts";
import { storeFixture } from "./storeFixture.ts";

const HEIGHT = 52n;
const RECORDS = 3;

describe("rewinding", () => {
  const { fresh } = storeFixture();

  for (const depth of [1n, 5n, 50n]) {
    it(`leaves the same rows after a reorg ${depth} deep as an index that never saw the old branch`, async () => {
      const ancestor = HEIGHT - depth;
      const reorged = await fresh();
      for (let number = 1n; number <= HEIGHT; number++) {
        await reorged.store.chain.commitRange(busyBlock(number, RECORDS));
      }
      await reorged.store.chain.rewind(header(ancestor));
      assert.deepEqual((await reorged.store.chain.position()).cursor, header(ancestor));

      const straight = await fresh();
      for (let number = 1n; number <= ancestor; number++) {
        await straight.store.chain.commitRange(busyBlock(number, RECORDS));
      }
      assert.deepEqual(await dumpTables(reorged.url), await dumpTables(straight.url));

      for (const { store } of [reorged, straight]) {
        for (let number = ancestor + 1n; number <= HEIGHT + 1n; number++) {
          await store.chain.commitRange(busyBlock(number, RECORDS + 1, "other", ancestor));
        }
      }
      assert.deepEqual(await dumpTables(reorged.url), await dumpTables(straight.url));
    });
  }

  it("changes nothing the second time", async () => {
    const { store, url } = await fresh();
    for (const number of [1n, 2n, 3n]) await store.chain.commitRange(busyBlock(number, RECORDS));
    await store.chain.rewind(header(2n));
    const dump = await dumpTables(url);
    await store.chain.rewind(header(2n));
    assert.deepEqual(await dumpTables(url), dump);
  });

  it("finds the parents of the new branch where a record moved to another place", async () => {
    const { store, url } = await fresh();
    for (const number of [1n, 2n, 3n]) await store.chain.commitRange(busyBlock(number, RECORDS));
    await store.chain.rewind(header(2n));
    // The same transactions land one block later: the hashes are those of block 3, the positions aren't.
    const again = busyBlock(3n, RECORDS);
    const block3 = header(3n, "other", 2n);
    const block4 = header(4n, "other", 2n);
    await store.chain.commitRange({ from: 3n, to: 3n, headers: [block3], events: [] });
    const moved = again.events.map((event) => ({
      ...event,
      id: event.id + (1n << 20n),
      blockHash: block4.hash,
    }));
    await store.chain.commitRange({ from: 4n, to: 4n, headers: [block4], events: moved });
    const dump = await dumpTables(url);
    assert.equal(dump.unresolved_parent?.length, 0);
    const children = new Set(dump.edge?.map((row) => JSON.parse(row).child >> 20));
    assert.deepEqual([...children].sort(), [2, 4]);
  });

  it("refuses to drop a final block", async () => {
    const { store, url } = await fresh();
    for (const number of [1n, 2n, 3n]) await store.chain.commitRange(busyBlock(number, RECORDS));
    await store.chain.finalize(header(2n));
    const dump = await dumpTables(url);
    await assert.rejects(store.chain.rewind(header(1n)), { name: "REWIND_BELOW_FINAL" });
    assert.deepEqual(await dumpTables(url), dump);
  });

  it("takes an anchor whose block is gone back to sent", async () => {
    const { store } = await fresh();
    for (const number of [1n, 2n, 3n]) await store.chain.commitRange(busyBlock(number, RECORDS));
    const sent = {
      nonce: 0n,
      rawTransaction: new Uint8Array([1]),
      transactionHash: bytes32("transaction"),
      sentAt: 2,
    };
    for (const [size, block] of [
      [1n, 2n],
      [2n, 3n],
    ] as const) {
      await store.anchors.seal({ size, root: bytes32("root"), epoch: 1n, fromSize: 0n, sealedAt: 1 });
      await store.anchors.markSent(size, sent);
      await store.anchors.markMined(size, { blockNumber: block, blockHash: header(block).hash, minedAt: 3 });
    }
    await store.chain.rewind(header(2n));
    const open = await store.anchors.open();
    assert.deepEqual(
      open.map(({ size, state, blockNumber }) => [size, state, blockNumber]),
      [
        [1n, "MINED", 2n],
        [2n, "SENT", null],
      ],
    );
  });
});
