import type { RecordRow, RecordState } from "../../model/reader.ts";
import type { ApiSources } from "../ports.ts";
import type { StateChange } from "./stateFeed.ts";

const ORDER: readonly RecordState[] = ["ACCEPTED", "SEQUENCED", "INTEGRATED", "ANCHORED", "FINAL"];

/**
 * The states of one record: first the one it has, then each it reaches, none left out. Waits for a record that isn't known yet,
 * and says RETRACTED when a reorg drops it.
 */
export function createRecordStates(
  sources: ApiSources,
  options: { readonly recordHash: Uint8Array; readonly signal: AbortSignal },
): { readonly drain: () => AsyncGenerator<StateChange, void, undefined> } {
  const { reader } = sources;
  let known: RecordRow | null = null;
  let told = -1;

  return {
    drain: async function* () {
      const [record] = await reader.recordsByHash([options.recordHash], options.signal);
      if (known && record?.id !== known.id) {
        const aboveBlock = known.blockNumber - 1n;
        known = null;
        told = -1;
        yield { type: "RETRACTED", aboveBlock, place: null };
      }
      if (!record) return;
      const [times] = await reader.states([record.id], options.signal);
      const reached = times ? ORDER.indexOf(times.state) : -1;
      // A state may be lost again, when the block of the anchor is: then the state it fell back to is told.
      const next = known === null || reached < told ? reached : told + 1;
      known = record;
      for (const state of ORDER.slice(next, reached + 1)) {
        told = ORDER.indexOf(state);
        yield { type: "CHANGED", record, state, place: null };
      }
    },
  };
}

/** True for the event after which nothing more can come. */
export function isLastState(event: StateChange): boolean {
  return event.type === "CHANGED" && event.state === "FINAL";
}
