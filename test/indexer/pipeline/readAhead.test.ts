import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { readAhead } from "../../../indexer/pipeline/readAhead.ts";

const options = { weigh: (item: number) => item, limit: 10 };

describe("reading ahead", () => {
  it("keeps the order and loses nothing", async () => {
    async function* source() {
      for (let item = 1; item <= 50; item++) {
        if (item % 7 === 0) await pause(1);
        yield item;
      }
    }
    const seen: number[] = [];
    for await (const item of readAhead(source(), options)) {
      if (item % 11 === 0) await pause(1);
      seen.push(item);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });

  it("stops fetching while more than the limit waits, and lets a single heavy item through", async () => {
    let produced = 0;
    let heaviest = 0;
    async function* source() {
      for (const item of [4, 4, 4, 4, 4, 100, 4]) {
        produced += 1;
        yield item;
      }
    }
    const ahead = readAhead(source(), {
      ...options,
      onWeight: (weight) => (heaviest = Math.max(heaviest, weight)),
    });
    await ahead.next();
    await pause(10);
    assert.ok(produced <= 4, `${produced} items were fetched`);
    const rest: number[] = [];
    for await (const item of ahead) rest.push(item);
    assert.deepEqual(rest, [4, 4, 4, 4, 100, 4]);
    assert.ok(heaviest <= 110, `${heaviest} were queued`);
  });

  it("throws the source's error after the items that came before it", async () => {
    async function* source() {
      yield 1;
      yield 2;
      throw new RangeError("broken");
    }
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const item of readAhead(source(), options)) {
        await pause(2);
        seen.push(item);
      }
    }, RangeError);
    assert.deepEqual(seen, [1, 2]);
  });

  it("lets the source end when the reader leaves", async () => {
    let ended = false;
    async function* source() {
      try {
        for (let item = 1; ; item++) {
          await pause(1);
          yield item;
        }
      } finally {
        ended = true;
      }
    }
    for await (const item of readAhead(source(), options)) if (item === 3) break;
    await pause(20);
    assert.ok(ended);
  });
});
