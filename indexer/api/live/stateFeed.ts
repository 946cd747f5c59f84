import type { RecordRow, RecordState } from "../../model/reader.ts";
import type { ApiSources } from "../ports.ts";
import type { StatePlace } from "./liveCursor.ts";
import { createRecordFeed, placeNow } from "./recordFeed.ts";

/** A record reached a state, or (RETRACTED) a reorg dropped every record above a block. */
export type StateChange =
  | {
      readonly type: "CHANGED";
      readonly record: RecordRow;
      readonly state: RecordState;
      readonly place: StatePlace | null;
    }
  | { readonly type: "RETRACTED"; readonly aboveBlock: bigint; readonly place: StatePlace | null };

const PAGE_SIZE = 100;
const ANCHORS_LOOKED_AT = 50;

/** The sizes up to which the log has reached each state. */
type Marks = Pick<StatePlace, "sequenced" | "integrated" | "anchored" | "final">;

/** The place after everything that has happened. */
export async function statePlaceNow(sources: ApiSources, signal: AbortSignal): Promise<StatePlace> {
  const accepted = await placeNow(sources.reader, signal);
  return { accepted, ...(await readMarks(sources, signal)) };
}

/**
 * The states of all records as they are reached, each record's in order. A state is a mark that moves along the log, so the feed
 * needs no memory of records: it tells the entries between its own mark and the store's.
 */
export function createStateFeed(
  sources: ApiSources,
  options: { readonly from: StatePlace; readonly signal: AbortSignal },
): { readonly drain: () => AsyncGenerator<StateChange, void, undefined> } {
  const { reader } = sources;
  const { signal } = options;
  const records = createRecordFeed(reader, { from: options.from.accepted, signal });
  let told: Marks = options.from;
  const place = (): StatePlace => ({ ...told, accepted: records.place() });

  return {
    drain: async function* () {
      // Read before the records, so that every entry up to these marks belongs to a record told as ACCEPTED.
      const reached = await readMarks(sources, signal);
      for await (const notice of records.drain()) {
        yield notice.type === "ADDED"
          ? { type: "CHANGED", record: notice.record, state: "ACCEPTED", place: place() }
          : { type: "RETRACTED", aboveBlock: notice.aboveBlock, place: place() };
      }
      if (reached.anchored < told.anchored) {
        // The block of an anchor is gone: these records are INTEGRATED again, and told so.
        const integrated = min(told.integrated, reached.anchored);
        told = { ...told, integrated, anchored: reached.anchored, final: min(told.final, reached.anchored) };
      }
      yield* advance("sequenced", "SEQUENCED", reached.sequenced);
      yield* advance("integrated", "INTEGRATED", min(reached.integrated, told.sequenced));
      yield* advance("anchored", "ANCHORED", min(reached.anchored, told.integrated));
      yield* advance("final", "FINAL", min(reached.final, told.anchored));
    },
  };

  async function* advance(
    mark: keyof Marks,
    state: RecordState,
    target: bigint,
  ): AsyncGenerator<StateChange, void, undefined> {
    while (told[mark] < target) {
      const from = told[mark];
      const wanted = Number(min(target - from, BigInt(PAGE_SIZE)));
      const entries = await reader.entries(from, wanted, signal);
      if (entries.length === 0) return;
      const rows = await reader.recordsById(
        entries.map(({ sourceId }) => sourceId),
        signal,
      );
      for (const [i, entry] of entries.entries()) {
        told = { ...told, [mark]: entry.index + 1n };
        const record = rows[i];
        if (entry.kind === "record" && record) yield { type: "CHANGED", record, state, place: place() };
      }
    }
  }
}

async function readMarks({ reader }: ApiSources, signal: AbortSignal): Promise<Marks> {
  const status = await reader.status(signal);
  const anchors = await reader.anchors(
    { limit: ANCHORS_LOOKED_AT, after: null, direction: "descending" },
    signal,
  );
  const final = anchors.rows.find(({ state }) => state === "FINAL")?.size ?? 0n;
  return {
    sequenced: status.logSize,
    integrated: status.checkpointSize,
    anchored: status.anchoredSize,
    final: min(final, status.anchoredSize),
  };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
