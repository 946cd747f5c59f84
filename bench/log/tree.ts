import { availableParallelism } from "node:os";
import { createHasher } from "../../indexer/log/createHasher.ts";
import type { LogHasher } from "../../indexer/log/hasher.ts";
import { createLogBuilder } from "../../indexer/log/logBuilder.ts";
import { createTreeBuilder } from "../../indexer/log/treeBuilder.ts";
import type { PendingEntry } from "../../indexer/model/log.ts";
import { bytesToHex } from "../../protocol/bytes.ts";
import { LEAF_BYTES } from "../../protocol/leaf.ts";
import { EMPTY_ROOT, HASH_BYTES } from "../../protocol/tree/hash.ts";
import { type BenchOptions, type BenchResult, countOption, median } from "../bench.ts";
import { createBareThreads } from "./bareRate.ts";

/** The tree's own work may cost at most three tenths of the hashing that it can't do without. */
const GOAL = 0.7;
const LONG_RUN_LEAVES = 20_000_000;
const BYTES_IN_MIB = 2 ** 20;
const WORKERS = [0, 1, 2];
/** Parts of a run between which the bare rate is taken. */
const SLICES = 10;

type Run = { readonly leavesPerSecond: number; readonly root: string; readonly rssGrowthMiB: number };

/**
 * Leaves appended and integrated per second (tiles cut, root known after every batch), against the bare hash rate: the same number of
 * leaf hashes and node hashes by the same primitive on as many threads, in the same run.
 *
 * Options: `leaves`, `batch`, `runs`.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const leaves = countOption(options, "leaves", 5_000_000);
  const batch = countOption(options, "batch", 65_536);
  const runs = countOption(options, "runs", leaves > LONG_RUN_LEAVES ? 1 : 5);
  console.log(`${leaves} leaves in batches of ${batch}, ${runs} runs, ${availableParallelism()} cores\n`);
  console.log("threads   leaves/s      bare leaves/s       share");

  const bareThreads = await createBareThreads(Math.max(...WORKERS));
  const hashers = await Promise.all(WORKERS.map((workers) => createHasher({ workers })));
  const entries: number[] = [];
  const measured = WORKERS.map(
    (): { bare: number[]; rates: number[]; shares: number[]; growth: number[] } => ({
      bare: [],
      rates: [],
      shares: [],
      growth: [],
    }),
  );
  try {
    const [serial] = hashers;
    if (!serial) throw new RangeError("no hasher");
    for (const hasher of hashers) await growTree(hasher, batch * 8, batch);
    for (let i = 0; i < runs; i++) {
      const roots = new Set<string>();
      for (const [n, hasher] of hashers.entries()) {
        const threads = Math.max(1, WORKERS[n] ?? 1);
        // In slices between the tree's, so that a machine that slows down for a while is the same one for both.
        const bareRates: number[] = [];
        const { leavesPerSecond, root, rssGrowthMiB } = await growTree(hasher, leaves, batch, async () => {
          bareRates.push(await bareThreads.rate(threads, Math.ceil(leaves / SLICES / 4)));
        });
        // Times add up, not rates.
        const bareHere = bareRates.length / bareRates.reduce((sum, rate) => sum + 1 / rate, 0);
        roots.add(root);
        measured[n]?.bare.push(bareHere);
        measured[n]?.rates.push(leavesPerSecond);
        measured[n]?.shares.push(leavesPerSecond / bareHere);
        measured[n]?.growth.push(rssGrowthMiB);
      }
      if (roots.size !== 1) throw new RangeError("the roots differ between numbers of threads");
      entries.push(await entryRate(serial, Math.min(leaves, 1_000_000), batch));
    }
  } finally {
    await bareThreads.close();
    await Promise.all(hashers.map((hasher) => hasher.close()));
  }

  const [inline, one, two] = measured.map(({ bare, rates, shares, growth }, n) => {
    const rate = median(rates);
    const bareRate = median(bare);
    const share = median(shares);
    const label = WORKERS[n] === 0 ? "none" : `${WORKERS[n]}`;
    console.log(
      `${label.padEnd(10)}${rate.toFixed(0).padEnd(14)}${bareRate.toFixed(0).padEnd(20)}${share.toFixed(3)}`,
    );
    return {
      leavesPerSecond: Math.round(rate),
      bareLeavesPerSecond: Math.round(bareRate),
      share: round(share),
      rssGrowthMiB: Math.max(...growth),
    };
  });
  const value = Math.min(one?.share ?? 0, two?.share ?? 0);
  const peakRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log("\nbare: as many threads that do nothing but hash, one leaf and one node for each leaf");
  console.log(`entries as the pipeline hands them over: ${median(entries).toFixed(0)} /s, one thread`);
  console.log(`peak resident memory: ${peakRssMiB} MiB\n`);
  return {
    bench: "tree",
    value,
    unit: "of the bare hash rate, per core",
    goal: GOAL,
    ok: value >= GOAL,
    leaves,
    batch,
    runs,
    inline,
    oneWorker: one,
    twoWorkers: two,
    entriesPerSecond: Math.round(median(entries)),
    peakRssMiB,
  };
}

/** Appends, and commits each batch, as the sequencer does; tiles are dropped where the sequencer would store them. */
async function growTree(
  hasher: LogHasher,
  leaves: number,
  batch: number,
  betweenSlices?: () => Promise<void>,
): Promise<Run> {
  const tree = await createTreeBuilder(hasher, {
    state: { size: 0n, root: EMPTY_ROOT },
    readTile: async () => null,
  });
  const data = new Uint8Array(batch * LEAF_BYTES).fill(1);
  const view = new DataView(data.buffer);
  let rssAtTenth = 0;
  let busyMs = 0;
  let slices = 0;
  for (let first = 0; first < leaves; first += batch) {
    const start = performance.now();
    const count = Math.min(batch, leaves - first);
    for (let i = 0; i < count; i++) view.setUint32(i * LEAF_BYTES + 1, first + i);
    await tree.append(data.subarray(0, count * LEAF_BYTES));
    tree.commit();
    busyMs += performance.now() - start;
    if (rssAtTenth === 0 && first >= leaves / 10) rssAtTenth = process.memoryUsage.rss();
    if (betweenSlices && first + batch >= (leaves / SLICES) * (slices + 1)) {
      slices += 1;
      await betweenSlices();
    }
  }
  const rssGrowthMiB = Math.round((process.memoryUsage.rss() - rssAtTenth) / BYTES_IN_MIB);
  return { leavesPerSecond: leaves / (busyMs / 1_000), root: bytesToHex(tree.root), rssGrowthMiB };
}

/** The same from entries as objects, each with its own array: what the store hands to the sequencer. */
async function entryRate(hasher: LogHasher, count: number, batch: number): Promise<number> {
  const builder = await createLogBuilder(
    { hasher },
    { state: { size: 0n, root: EMPTY_ROOT }, readTile: async () => null },
  );
  const entries: PendingEntry[] = Array.from({ length: batch }, (_, i) => {
    const hash = new Uint8Array(HASH_BYTES);
    new DataView(hash.buffer).setUint32(0, i);
    return { sourceId: BigInt(i), kind: "record", hash };
  });
  const start = performance.now();
  for (let done = 0; done < count; done += batch) {
    await builder.append(entries, done);
    builder.commit();
  }
  return (Math.ceil(count / batch) * batch) / ((performance.now() - start) / 1_000);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
