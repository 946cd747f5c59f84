import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRangeSize } from "../../../indexer/chain/rangeSize.ts";

const options = { targetBytes: 1_000_000, maxBlocks: 5_000 };

test("the size settles where an answer has the bytes aimed at", () => {
  for (const bytesPerBlock of [50_000, 3_000, 500_000]) {
    const size = createRangeSize(options);
    for (let i = 0; i < 20; i++) size.served(size.blocks(), Number(size.blocks()) * bytesPerBlock);
    const expected = Math.min(options.maxBlocks, Math.floor(options.targetBytes / bytesPerBlock));
    assert.ok(Math.abs(Number(size.blocks()) - expected) <= 1, `${size.blocks()} blocks`);
  }
});

test("a limit once given is kept to, and tried again only after patience", () => {
  const size = createRangeSize(options);
  for (let i = 0; i < 10; i++) size.served(size.blocks(), 100);
  assert.equal(size.blocks(), 5_000n);
  size.refused(5_000n);
  assert.equal(size.blocks(), 2_500n);
  for (let i = 0; i < 20; i++) size.served(size.blocks(), 100);
  assert.equal(size.blocks(), 2_500n);
  for (let i = 0; i < 20; i++) size.served(size.blocks(), 100);
  assert.equal(size.blocks(), 3_750n);
});

test("whatever comes back, the size stays between one block and the maximum", () => {
  const step = fc.oneof(fc.record({ served: fc.nat({ max: 100_000_000 }) }), fc.constant({ served: null }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const size = createRangeSize(options);
      for (const { served } of steps) {
        if (served === null) size.refused(size.blocks());
        else size.served(size.blocks(), served);
        assert.ok(size.blocks() >= 1n && size.blocks() <= 5_000n);
      }
    }),
  );
});
