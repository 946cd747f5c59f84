import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { decodeLogs } from "../decode/decodeLogs.ts";
import { createHasher, createLogBuilder } from "../log/index.ts";
import type { ChainSource } from "../model/chain.ts";
import type { Store } from "../store/index.ts";

export type RebuildOptions = {
  readonly registry: Hex;
  /** Last block to take in. */
  readonly block: bigint;
  /** Entries that the log is grown to, or as far as the chain goes. */
  readonly logSize: bigint;
  readonly onProgress: (progress: { readonly block: bigint; readonly of: bigint }) => void;
  readonly signal?: AbortSignal | undefined;
};

const BATCH_ENTRIES = 10_000;

/** Indexes the chain anew into an empty store, up to a block and a log size, by the ways that the indexer itself goes. */
export async function rebuild(source: ChainSource, store: Store, options: RebuildOptions): Promise<void> {
  await readChain(source, store, options);
  await growLog(store, options.logSize);
}

async function readChain(source: ChainSource, store: Store, options: RebuildOptions): Promise<void> {
  const { registry, block, onProgress } = options;
  const { chainId } = await source.identity();
  const decoding = { registry, domain: { chainId, registry } };
  const done = new AbortController();
  const signal = options.signal === undefined ? done.signal : AbortSignal.any([done.signal, options.signal]);
  try {
    for await (const update of source.follow({ cursor: null, finalized: null, window: [] }, signal)) {
      options.signal?.throwIfAborted();
      if (update.type === "halted")
        throw new StemmaError("PIPELINE_HALTED", { block: update.at, reason: update.reason });
      if (update.type === "reorg") await store.chain.rewind(update.ancestor);
      if (update.type === "finalized") await store.chain.finalize(update.block);
      if (update.type !== "range") continue;
      const { from, to, headers, logs } = update;
      await store.chain.commitRange({ from, to, headers, events: decodeLogs(logs, decoding) });
      onProgress({ block: to < block ? to : block, of: block });
      const last = headers.at(-1);
      if (to < block || last === undefined) continue;
      // The database's block is final by its own account; what the node calls final now doesn't matter here.
      await store.chain.finalize(last);
      return;
    }
  } finally {
    done.abort();
  }
}

async function growLog(store: Store, size: bigint): Promise<void> {
  const leadership = await store.log.lead();
  if (leadership === null)
    throw new StemmaError("ASSERTION_FAILED", { what: "someone else leads a fresh store" });
  const hasher = await createHasher();
  try {
    const builder = await createLogBuilder(
      { hasher },
      { state: await store.log.state(), readTile: store.log.readTile },
    );
    while (builder.size < size) {
      const left = size - builder.size;
      const pending = await store.log.pending(left < BATCH_ENTRIES ? Number(left) : BATCH_ENTRIES);
      if (pending.length === 0) return;
      await store.log.append(await builder.append(pending, 0), leadership.epoch);
      builder.commit();
    }
  } finally {
    await hasher.close();
    await leadership.resign();
  }
}
