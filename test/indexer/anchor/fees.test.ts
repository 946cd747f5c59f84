import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPublicClient, custom, numberToHex } from "viem";
import { bumpFees, suggestFees } from "../../../indexer/anchor/fees.ts";
import { refusalError } from "../../../indexer/anchor/refusal.ts";

/** A node that answers these calls, with null for one that it doesn't know. */
function nodeOf(answers: { baseFee: bigint | null; gasPrice: bigint; tip: bigint | null }) {
  return createPublicClient({
    transport: custom({
      request: async ({ method }: { method: string }) => {
        if (method === "eth_gasPrice") return numberToHex(answers.gasPrice);
        if (method === "eth_maxPriorityFeePerGas" && answers.tip !== null) return numberToHex(answers.tip);
        if (method === "eth_getBlockByNumber") {
          const baseFee = answers.baseFee === null ? {} : { baseFeePerGas: numberToHex(answers.baseFee) };
          return { number: "0x1", timestamp: "0x1", transactions: [], ...baseFee };
        }
        throw new Error(`${method} is not known`);
      },
    }),
  });
}

describe("the fees of an anchor", () => {
  it("are nothing where gas is free, with or without a base fee in the header", async () => {
    for (const baseFee of [null, 0n]) {
      const fees = await suggestFees(nodeOf({ baseFee, gasPrice: 0n, tip: 0n }));
      assert.deepEqual(fees, { type: "legacy", gasPrice: 0n });
    }
  });

  it("are a gas price where there is no base fee", async () => {
    assert.deepEqual(await suggestFees(nodeOf({ baseFee: null, gasPrice: 1000n, tip: null })), {
      type: "legacy",
      gasPrice: 1000n,
    });
  });

  it("hold a tip of at least 1 wei, and room for the base fee to double", async () => {
    assert.deepEqual(await suggestFees(nodeOf({ baseFee: 7n, gasPrice: 8n, tip: 0n })), {
      type: "eip1559",
      maxPriorityFeePerGas: 1n,
      maxFeePerGas: 15n,
    });
    assert.deepEqual(await suggestFees(nodeOf({ baseFee: 0n, gasPrice: 1n, tip: 1n })), {
      type: "eip1559",
      maxPriorityFeePerGas: 1n,
      maxFeePerGas: 1n,
    });
  });

  it("take the tip from the gas price where the node has no call for it", async () => {
    assert.deepEqual(await suggestFees(nodeOf({ baseFee: 100n, gasPrice: 130n, tip: null })), {
      type: "eip1559",
      maxPriorityFeePerGas: 30n,
      maxFeePerGas: 230n,
    });
  });

  it("rise by a quarter and never fall below today's when a transaction is replaced", () => {
    assert.deepEqual(bumpFees({ type: "legacy", gasPrice: 0n }, { type: "legacy", gasPrice: 0n }), {
      type: "legacy",
      gasPrice: 1n,
    });
    assert.deepEqual(
      bumpFees(
        { type: "eip1559", maxFeePerGas: 100n, maxPriorityFeePerGas: 4n },
        { type: "eip1559", maxFeePerGas: 900n, maxPriorityFeePerGas: 2n },
      ),
      { type: "eip1559", maxFeePerGas: 900n, maxPriorityFeePerGas: 6n },
    );
  });
});

describe("the contract's refusals", () => {
  const asked = { contract: "0xc0", logId: "0x10", account: "0xac", size: 9n, fromSize: 4n };
  for (const [error, values, name, retry] of [
    ["AnchorInconsistent", ["0x10", 4n, 9n], "ANCHORING_INCONSISTENT", false],
    ["AnchorEpochTooLow", ["0x10", 5n, 3n], "ANCHORING_DEPOSED", true],
    ["AnchorNotOperator", ["0x10", "0x01", "0xac"], "ANCHORING_NOT_OPERATOR", false],
    ["AnchorLogUnknown", ["0x10"], "ANCHORING_LOG_UNKNOWN", false],
    ["AnchorRootConflict", ["0x10", 9n, "0x0a", "0x0b"], "ANCHORING_ROOT_CONFLICT", false],
    ["EnforcedPause", [], "ANCHORING_PAUSED", true],
    ["SomethingNew", [], "ANCHORING_REFUSED", false],
  ] as const) {
    it(`gives ${error} the code of ${name}`, () => {
      const refused = refusalError({ error, values }, asked);
      assert.equal(refused.name, name);
      assert.equal(refused.retry, retry);
      assert.ok(!refused.message.includes("undefined"), refused.message);
    });
  }
});
