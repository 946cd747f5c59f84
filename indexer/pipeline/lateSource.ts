import { describeError } from "../../protocol/errors.ts";
import type { ChainSource, FinalityDriverName } from "../model/chain.ts";

/**
 * A chain source that is opened when it is first needed, and again after a failure: choosing the finality driver asks the node, which
 * may be down when the indexer starts. Until then `finality` is the one given.
 */
export function createLateSource(
  open: () => Promise<ChainSource>,
  { finality }: { finality: FinalityDriverName },
): ChainSource {
  let opened: ChainSource | null = null;
  let nodeError: string | null = null;

  async function source(): Promise<ChainSource> {
    if (opened !== null) return opened;
    try {
      opened = await open();
      return opened;
    } catch (error) {
      nodeError = describeError(error);
      throw error;
    }
  }

  return {
    get finality() {
      return opened?.finality ?? finality;
    },
    identity: async () => (await source()).identity(),
    health: () => opened?.health() ?? { head: null, headAgeMs: null, nodeError },
    async *follow(position, signal) {
      yield* (await source()).follow(position, signal);
    },
  };
}
