import type { StoredCheckpoint } from "../../model/log.ts";
import type { ApiSources } from "../ports.ts";

const PAGE_SIZE = 100;

/** Checkpoints larger than a size, ascending, none left out. */
export function createCheckpointFeed(
  { reader }: ApiSources,
  options: { readonly afterSize: bigint; readonly signal: AbortSignal },
): { readonly drain: () => AsyncGenerator<StoredCheckpoint, void, undefined> } {
  let after = options.afterSize;
  return {
    drain: async function* () {
      for (;;) {
        const page = await reader.checkpoints(
          { limit: PAGE_SIZE, after, direction: "ascending" },
          options.signal,
        );
        for (const checkpoint of page.rows) {
          after = checkpoint.size;
          yield checkpoint;
        }
        if (!page.hasMore) return;
      }
    },
  };
}
