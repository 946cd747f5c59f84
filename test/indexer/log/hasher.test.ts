import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { after, describe, test } from "node:test";
import type { Worker } from "node:worker_threads";
import fc from "fast-check";
import { createHasher } from "../../../indexer/log/createHasher.ts";
import { createPlainHasher, type LogHasher } from "../../../indexer/log/hasher.ts";
import { createLogBuilder } from "../../../indexer/log/logBuilder.ts";
import { INITIAL_STATE, ROUND_CONSTANTS } from "../../../indexer/log/sha256/constants.ts";
import { compileKernel } from "../../../indexer/log/sha256/kernel.ts";
import { createTreeBuilder } from "../../../indexer/log/treeBuilder.ts";
import { isStemmaError } from "../../../protocol/errors.ts";
import { EMPTY_ROOT } from "../../../protocol/tree/hash.ts";

/** Deterministic bytes that look random; quick enough for whole megabytes. */
function bytesFrom(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function expectedHashes(prefix: number, data: Uint8Array, width: number): string[] {
  return Array.from({ length: data.length / width }, (_, i) =>
    hash("sha256", Buffer.concat([Buffer.of(prefix), data.subarray(i * width, (i + 1) * width)]), "hex"),
  );
}

function split(hashes: Uint8Array): string[] {
  return Array.from({ length: hashes.length / 32 }, (_, i) =>
    Buffer.from(hashes.subarray(i * 32, (i + 1) * 32)).toString("hex"),
  );
}

describe("hashing of the log", async () => {
  const kernel = await createHasher();

  test("this engine runs the WebAssembly kernel", () => {
    assert.ok(compileKernel(), "no 128-bit vectors: the log would hash in plain JavaScript");
  });

  test("derives the constants of FIPS 180-4", () => {
    assert.deepEqual(INITIAL_STATE.slice(0, 2), [0x6a09e667, 0xbb67ae85]);
    assert.equal(INITIAL_STATE.at(-1), 0x5be0cd19);
    assert.deepEqual(ROUND_CONSTANTS.slice(0, 2), [0x428a2f98, 0x71374491]);
    assert.equal(ROUND_CONSTANTS.at(-1), 0xc67178f2);
  });

  test("hashes leaves as node:crypto does, for any content and number", () => {
    fc.assert(
      fc.property(
        fc.nat(70),
        fc.integer(),
        fc.uint8Array({ minLength: 33, maxLength: 33 }),
        (count, seed, odd) => {
          const leaves = bytesFrom(seed, count * 33);
          if (count > 0) leaves.set(odd, (count - 1) * 33);
          assert.deepEqual(split(kernel.hashLeaves(leaves)), expectedHashes(0, leaves, 33));
        },
      ),
    );
  });

  test("hashes pairs as node:crypto does, for any content and number", () => {
    fc.assert(
      fc.property(
        fc.nat(70),
        fc.integer(),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (count, seed, odd) => {
          const nodes = bytesFrom(seed, count * 64);
          if (count > 0) nodes.set(odd, (count - 1) * 64);
          const parents = new Uint8Array(count * 32);
          kernel.hashPairs(nodes, parents);
          assert.deepEqual(split(parents), expectedHashes(1, nodes, 64));
        },
      ),
    );
  });

  test("hashes extreme bytes and more than one chunk", () => {
    for (const fill of [0x00, 0x80, 0xff]) {
      const leaves = new Uint8Array(33 * 5).fill(fill);
      assert.deepEqual(split(kernel.hashLeaves(leaves)), expectedHashes(0, leaves, 33));
      const parents = new Uint8Array(32 * 5);
      const nodes = new Uint8Array(64 * 5).fill(fill);
      kernel.hashPairs(nodes, parents);
      assert.deepEqual(split(parents), expectedHashes(1, nodes, 64));
    }
    const leaves = bytesFrom(7, 33 * 9_001);
    assert.deepEqual(split(kernel.hashLeaves(leaves)), expectedHashes(0, leaves, 33));
    const nodes = bytesFrom(8, 64 * 5_003);
    const parents = new Uint8Array(32 * 5_003);
    kernel.hashPairs(nodes, parents);
    assert.deepEqual(split(parents), expectedHashes(1, nodes, 64));
  });
});

describe("hashing by threads", async () => {
  const plain = createPlainHasher();
  const pools: LogHasher[] = [];
  for (const workers of [1, 2, 3]) pools.push(await createHasher({ workers, jobTiles: 2 }));
  after(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
  });

  test("gives the bytes of the serial tree for every number of threads", async () => {
    const hashers = [await createHasher(), ...pools];
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.integer(), async (tiles, seed) => {
        const leaves = bytesFrom(seed, tiles * 256 * 33);
        const expected = await plain.hashTiles(leaves);
        for (const hasher of hashers) assert.deepEqual(await hasher.hashTiles(leaves), expected);
      }),
      { numRuns: 15 },
    );
  });

  test("grows the same log, tile by tile, for every number of threads and every batch", async () => {
    const empty = { state: { size: 0n, root: EMPTY_ROOT }, readTile: async () => null };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3_000), { minLength: 1, maxLength: 4 }),
        fc.integer(),
        async (counts, seed) => {
          const builders = await Promise.all(
            [plain, await createHasher(), ...pools].map((hasher) => createTreeBuilder(hasher, empty)),
          );
          for (const [i, count] of counts.entries()) {
            const leaves = bytesFrom(seed + i, count * 33);
            const [expected, ...others] = await Promise.all(
              builders.map((builder) => builder.append(leaves)),
            );
            for (const other of others) assert.deepEqual(other, expected);
            for (const builder of builders) builder.commit();
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test("keeps calls at the same time apart", async () => {
    for (const pool of pools) {
      const inputs = [1, 2, 3].map((seed) => bytesFrom(seed, 5 * 256 * 33));
      const answers = await Promise.all(inputs.map((leaves) => pool.hashTiles(leaves)));
      assert.deepEqual(answers, await Promise.all(inputs.map((leaves) => plain.hashTiles(leaves))));
    }
  });

  test("a thread that dies fails its jobs by name; the next ones get another thread", async () => {
    const threads: Worker[] = [];
    const onWorker = (worker: Worker) => void threads.push(worker);
    process.on("worker", onWorker);
    const pool = await createHasher({ workers: 2, jobTiles: 1 });
    try {
      const leaves = bytesFrom(3, 64 * 256 * 33);
      const answer = pool.hashTiles(leaves);
      await new Promise(setImmediate);
      await threads[0]?.terminate();
      await assert.rejects(answer, (error) => isStemmaError(error, "LOG_WORKER_FAILED") && error.retry);
      assert.deepEqual(await pool.hashTiles(leaves), await plain.hashTiles(leaves));
      assert.equal(threads.length, 3);
    } finally {
      process.off("worker", onWorker);
      await pool.close();
    }
  });

  test("fails by name when its threads are gone, and keeps what was committed", async () => {
    const pool = await createHasher({ workers: 1, jobTiles: 1 });
    const builder = await createLogBuilder(
      { hasher: pool },
      { state: { size: 0n, root: EMPTY_ROOT }, readTile: async () => null },
    );
    await pool.close();
    const entries = Array.from({ length: 600 }, (_, i) => ({
      sourceId: BigInt(i),
      kind: "record" as const,
      hash: new Uint8Array(32),
    }));
    await assert.rejects(builder.append(entries, 1), (error) => isStemmaError(error, "LOG_WORKER_FAILED"));
    assert.equal(builder.size, 0n);
  });
});
