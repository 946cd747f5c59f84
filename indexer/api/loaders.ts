import DataLoader from "dataloader";
import { bytesToHex } from "../../protocol/bytes.ts";
import type { AnchorRow, StoredCheckpoint } from "../model/log.ts";
import type { PositionId } from "../model/position.ts";
import type {
  DatasetRow,
  EndorsementRow,
  EntryRow,
  NamespaceRow,
  Reader,
  RecordRow,
  StateTimes,
} from "../model/reader.ts";

/** Keys that one SQL query may carry. */
const MAX_BATCH = 1_000;

/** Batching and caching for one request, or for one event of a subscription. */
export type Loaders = {
  readonly recordByHash: DataLoader<Uint8Array, RecordRow | null, string>;
  readonly recordById: DataLoader<PositionId, RecordRow | null>;
  readonly datasetById: DataLoader<Uint8Array, DatasetRow | null, string>;
  readonly namespaceById: DataLoader<Uint8Array, NamespaceRow | null, string>;
  readonly head: DataLoader<Uint8Array, RecordRow | null, string>;
  readonly recordCount: DataLoader<Uint8Array, bigint, string>;
  readonly parents: DataLoader<PositionId, readonly Uint8Array[]>;
  readonly states: DataLoader<PositionId, StateTimes>;
  readonly entry: DataLoader<PositionId, EntryRow | null>;
  readonly endorsements: DataLoader<Uint8Array, readonly EndorsementRow[], string>;
  readonly anchor: DataLoader<bigint, AnchorRow | null>;
  /** The smallest checkpoint with an anchor on chain that covers an index. One query per index. */
  readonly anchoredCheckpoint: DataLoader<bigint, StoredCheckpoint | null>;
};

/** Fresh loaders; nothing is cached across two of them. */
export function createLoaders(reader: Reader, signal: AbortSignal): Loaders {
  return {
    recordByHash: byBytes((hashes) => reader.recordsByHash(hashes, signal)),
    recordById: byNumber((ids) => reader.recordsById(ids, signal)),
    datasetById: byBytes((ids) => reader.datasetsById(ids, signal)),
    namespaceById: byBytes((ids) => reader.namespacesById(ids, signal)),
    head: byBytes((ids) => reader.heads(ids, null, signal)),
    recordCount: byBytes((ids) => reader.recordCounts(ids, signal)),
    parents: byNumber((ids) => reader.parents(ids, signal)),
    states: byNumber((ids) => reader.states(ids, signal)),
    entry: byNumber((ids) => reader.entryBySource(ids, signal)),
    endorsements: byBytes((hashes) => reader.endorsements(hashes, signal)),
    anchor: byNumber((sizes) => reader.anchorsBySize(sizes, signal)),
    anchoredCheckpoint: byNumber((indexes) =>
      Promise.all(indexes.map((index) => reader.checkpointCovering(index, { anchored: true }, signal))),
    ),
  };
}

function byBytes<Value>(
  load: (keys: readonly Uint8Array[]) => Promise<readonly Value[]>,
): DataLoader<Uint8Array, Value, string> {
  return new DataLoader(load, { maxBatchSize: MAX_BATCH, cacheKeyFn: bytesToHex });
}

function byNumber<Value>(
  load: (keys: readonly bigint[]) => Promise<readonly Value[]>,
): DataLoader<bigint, Value> {
  return new DataLoader(load, { maxBatchSize: MAX_BATCH });
}
