import { signCheckpoint } from "../../protocol/checkpoint.ts";
import type { NoteSigner } from "../../protocol/signedNote.ts";
import type { LogState, StoredCheckpoint } from "../model/log.ts";
import type { LogStore } from "../model/store.ts";

/** Decides when the log gets a checkpoint, and makes it. */
export type Checkpointer = {
  /** True where the log has grown by the number of entries, or grown at all and the time since the last checkpoint is over. */
  readonly due: (state: Pick<LogState, "size">, now: number) => boolean;
  /** Milliseconds until a grown log becomes due by time alone; 0 where it is due, null where it hasn't grown. */
  readonly dueInMs: (state: Pick<LogState, "size">, now: number) => number | null;
  /**
   * Signs a state that the store has already made durable, and stores the note. Only what this returns may be shown to anyone: the
   * write MUST be durable first, and it is refused where another root was signed for the size.
   */
  readonly write: (
    state: Pick<LogState, "size" | "root">,
    epoch: bigint,
    now: number,
  ) => Promise<StoredCheckpoint>;
};

/**
 * A checkpointer that goes on from the newest stored checkpoint. Times are milliseconds since 1970 by the caller's clock.
 *
 * @param signer Its name is the log's origin.
 */
export async function createCheckpointer(
  {
    log,
    signer,
  }: {
    readonly log: Pick<LogStore, "latestCheckpoint" | "writeCheckpoint">;
    readonly signer: NoteSigner;
  },
  { everyEntries, everyMs }: { readonly everyEntries: bigint; readonly everyMs: number },
): Promise<Checkpointer> {
  let last = await log.latestCheckpoint();

  function dueInMs({ size }: Pick<LogState, "size">, now: number): number | null {
    const covered = last?.size ?? 0n;
    if (size <= covered) return null;
    if (!last || size - covered >= everyEntries) return 0;
    // A clock that was set back must not hold checkpoints up for longer than the interval.
    const sinceMs = Math.max(0, now - last.createdAt);
    return Math.max(0, everyMs - sinceMs);
  }

  return {
    due: (state, now) => dueInMs(state, now) === 0,
    dueInMs,
    write: async ({ size, root }, epoch, now) => {
      const note = signCheckpoint({ origin: signer.name, size, root }, signer);
      const checkpoint: StoredCheckpoint = { size, root, epoch, note, createdAt: now };
      await log.writeCheckpoint(checkpoint);
      last = checkpoint;
      return checkpoint;
    },
  };
}
