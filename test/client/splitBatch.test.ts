import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type BatchLimits,
  DEFAULT_BATCH_LIMITS,
  splitBatch,
  submissionGas,
} from "../../client/record/splitBatch.ts";
import type { Submission } from "../../client/record/toSubmission.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { encodeOperation } from "../../protocol/operation.ts";

const submissions = fc.record({
  parents: fc.integer({ min: 0, max: 64 }),
  signature: fc.constantFrom(0, 65, 1024),
  starts: fc.boolean(),
  name: fc.integer({ min: 0, max: 300 }),
  operation: fc.constantFrom("CREATE", "TRANSFORM", "REVOKE"),
});

describe("splitting a batch", () => {
  it("keeps the order, loses nothing, and stays within every limit", (t) => {
    const seed = Number(process.env.STEMMA_TEST_SEED ?? Date.now() % 2 ** 31);
    t.diagnostic(`STEMMA_TEST_SEED=${seed}`);
    const limits = fc.record({
      maxItems: fc.integer({ min: 1, max: 256 }),
      maxGas: fc.bigInt({ min: 2_500_000n, max: 16_000_000n }),
      maxBytes: fc.integer({ min: 6_000, max: 120_000 }),
    });
    fc.assert(
      fc.property(fc.array(submissions, { maxLength: 300 }), limits, (shapes, given) => {
        const list = shapes.map(build);
        const parts = splitBatch(list, given);
        assert.deepEqual(
          parts.flatMap((part) => part.submissions),
          list,
        );
        let index = 0;
        for (const part of parts) {
          assert.equal(part.firstIndex, index);
          index += part.submissions.length;
          assert.ok(part.submissions.length <= given.maxItems);
          assert.ok(part.gas <= given.maxGas);
          assert.ok(part.gas >= part.submissions.reduce((sum, item) => sum + submissionGas(item), 0n));
        }
      }),
      { seed, numRuns: 100 },
    );
  });

  it("gives no transaction for nothing", () => {
    assert.deepEqual(splitBatch([], DEFAULT_BATCH_LIMITS), []);
  });

  it("refuses what alone is too large, by gas or by bytes", () => {
    const one = build({ parents: 64, signature: 1024, starts: true, name: 300, operation: "REVOKE" });
    const refusal = (limits: Partial<BatchLimits>) => () =>
      splitBatch([one], { ...DEFAULT_BATCH_LIMITS, ...limits });
    assert.throws(refusal({ maxGas: 100_000n }), { name: "BATCH_ITEM_TOO_LARGE" });
    assert.throws(refusal({ maxBytes: 1_000 }), { name: "BATCH_ITEM_TOO_LARGE" });
    assert.doesNotThrow(refusal({}));
  });
});

function build(shape: {
  parents: number;
  signature: number;
  starts: boolean;
  name: number;
  operation: string;
}): Submission {
  const word: Hex = `0x${"11".repeat(32)}`;
  return {
    record: {
      dataId: word,
      dataHash: word,
      previousHash: ZERO_HASH,
      parentsHash: word,
      operation: encodeOperation(shape.operation),
      metadataHash: ZERO_HASH,
      dataOwner: `0x${"22".repeat(20)}`,
      timestamp: 1n,
    },
    parents: Array.from({ length: shape.parents }, () => word),
    agent: `0x${"22".repeat(20)}`,
    signature: `0x${"33".repeat(shape.signature)}`,
    namespaceId: shape.starts ? word : ZERO_HASH,
    nameHash: shape.starts ? word : ZERO_HASH,
    name: "n".repeat(shape.starts ? shape.name : 0),
  };
}
