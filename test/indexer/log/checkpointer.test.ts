import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createCheckpointer } from "../../../indexer/log/checkpointer.ts";
import type { StoredCheckpoint } from "../../../indexer/model/log.ts";
import { verifyCheckpoint } from "../../../protocol/checkpoint.ts";
import { createNoteSigner } from "../../../protocol/signedNote.ts";

const signer = createNoteSigner({ name: "log.example", seed: new Uint8Array(32).fill(1) });
const root = new Uint8Array(32).fill(2);
const RULE = { everyEntries: 100n, everyMs: 1_000 };

function createShelf(first: StoredCheckpoint | null = null) {
  const written: StoredCheckpoint[] = first ? [first] : [];
  return {
    written,
    latestCheckpoint: async () => written.at(-1) ?? null,
    writeCheckpoint: async (checkpoint: StoredCheckpoint) => void written.push(checkpoint),
  };
}

describe("checkpointer", () => {
  test("is due with the first entry, then by number or by time, and never for a log that stands still", async () => {
    const checkpointer = await createCheckpointer({ log: createShelf(), signer }, RULE);
    assert.equal(checkpointer.dueInMs({ size: 0n }, 0), null);
    assert.equal(checkpointer.due({ size: 1n }, 0), true);
    await checkpointer.write({ size: 1n, root }, 1n, 5_000);
    assert.equal(checkpointer.dueInMs({ size: 1n }, 900_000), null);
    assert.equal(checkpointer.dueInMs({ size: 2n }, 5_400), 600);
    assert.equal(checkpointer.due({ size: 2n }, 5_999), false);
    assert.equal(checkpointer.due({ size: 2n }, 6_000), true);
    assert.equal(checkpointer.due({ size: 100n }, 5_001), false);
    assert.equal(checkpointer.due({ size: 101n }, 5_001), true);
  });

  test("isn't held up for longer by a clock that was set back", async () => {
    const checkpointer = await createCheckpointer({ log: createShelf(), signer }, RULE);
    await checkpointer.write({ size: 1n, root }, 1n, 1_000_000);
    assert.equal(checkpointer.dueInMs({ size: 2n }, 10), RULE.everyMs);
  });

  test("signs what it stores, and shows it only once it is stored", async () => {
    const shelf = createShelf();
    const checkpointer = await createCheckpointer({ log: shelf, signer }, RULE);
    const checkpoint = await checkpointer.write({ size: 7n, root }, 3n, 50);
    assert.deepEqual(shelf.written, [checkpoint]);
    const { origin, size } = verifyCheckpoint(checkpoint.note, [signer.vkey]);
    assert.deepEqual([origin, size, checkpoint.epoch, checkpoint.createdAt], ["log.example", 7n, 3n, 50]);
  });

  test("stays due when the write fails", async () => {
    const refusing = { ...createShelf(), writeCheckpoint: () => Promise.reject(new Error("disk full")) };
    const checkpointer = await createCheckpointer({ log: refusing, signer }, RULE);
    await assert.rejects(checkpointer.write({ size: 7n, root }, 1n, 50), /disk full/);
    assert.equal(checkpointer.due({ size: 7n }, 50), true);
  });

  test("goes on from the newest stored checkpoint", async () => {
    const first = { size: 50n, root, epoch: 1n, note: "", createdAt: 1_000 };
    const checkpointer = await createCheckpointer({ log: createShelf(first), signer }, RULE);
    assert.equal(checkpointer.dueInMs({ size: 50n }, 9_000), null);
    assert.equal(checkpointer.due({ size: 51n }, 1_500), false);
    assert.equal(checkpointer.due({ size: 150n }, 1_500), true);
  });
});
