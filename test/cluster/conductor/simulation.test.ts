import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimulationOptions, simulate } from "./simulation.ts";

/** Another run: STEMMA_TEST_SEED=n node --test test/cluster/conductor/simulation.test.ts */
const FIRST_SEED = Number(process.env.STEMMA_TEST_SEED ?? Date.now() % 1_000_000);

function runAll(runs: number, options: Omit<SimulationOptions, "seed">): Record<string, number> {
  const faults: Record<string, number> = {};
  for (let seed = FIRST_SEED; seed < FIRST_SEED + runs; seed++) {
    const report = simulate({ seed, ...options });
    for (const [name, count] of Object.entries(report.faults)) faults[name] = (faults[name] ?? 0) + count;
    const progress = report.committed.length - report.committedWhenFaultsEnded;
    const problems = report.nodes.map(({ problem }) => problem).join("; ");
    assert.ok(progress >= 5, `seed ${seed}: ${progress} blocks after the faults; ${problems}`);
    for (const { canonical } of report.nodes) {
      assert.ok(canonical.length >= report.committed.length - 1, `seed ${seed}: left behind; ${problems}`);
      const committed = report.committed.slice(0, canonical.length).map(({ point }) => point);
      assert.deepEqual(canonical, committed, `seed ${seed}: another chain`);
    }
  }
  return faults;
}

describe(`conductors under seeded faults, from seed ${FIRST_SEED}`, () => {
  it("keep one chain on every node and go on when the faults end", () => {
    const faults = runAll(500, { nodes: 3, faultyMs: 60_000, quietMs: 25_000 });
    // What the runs are meant to hold must be in them.
    for (const name of [
      "answer lost",
      "conductor killed",
      "conductor paused past its lease",
      "done late, answer lost",
      "etcd lost its quorum",
      "everything killed",
      "geth killed",
      "request lost",
      "request repeated",
      "VALID without a move",
    ])
      assert.ok((faults[name] ?? 0) > 50, `${name}: ${faults[name]}`);
  });

  it("hold with one node and with five", () => {
    runAll(120, { nodes: 1, faultyMs: 40_000, quietMs: 25_000 });
    runAll(120, { nodes: 5, faultyMs: 40_000, quietMs: 25_000 });
  });

  it("get from peers what the log has pruned", () => {
    runAll(200, { nodes: 3, faultyMs: 60_000, quietMs: 25_000, keepHeights: 5n });
  });

  it("make a block each second where nothing fails", () => {
    const { committed, leaders } = simulate({ seed: FIRST_SEED, nodes: 3, faultyMs: 0, quietMs: 60_000 });
    assert.ok(committed.length >= 57, String(committed.length));
    assert.equal(leaders, 1);
    const seconds = committed.slice(1).map(({ point }) => point.timestamp);
    assert.deepEqual(
      seconds,
      seconds.map((_, i) => (seconds[0] ?? 0n) + BigInt(i)),
    );
  });

  it("repeat themselves with the same seed", () => {
    const options = { seed: FIRST_SEED, nodes: 3, faultyMs: 30_000, quietMs: 5_000 };
    assert.deepEqual(simulate(options), simulate(options));
  });

  it("are caught when a log forgets to compare", () => {
    let caught = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 50; seed++) {
      try {
        simulate({ seed, nodes: 3, faultyMs: 60_000, quietMs: 5_000, sabotage: "unfenced" });
      } catch {
        caught++;
      }
    }
    assert.ok(caught > 5, `only ${caught} of 50`);
  });
});
