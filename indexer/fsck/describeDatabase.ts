import type { Ownership } from "../model/store.ts";
import { inspectStore } from "../store/inspect.ts";

/** What a database says of itself. */
export type DatabaseDescription = {
  readonly serverVersion: string;
  /** Null where it is not Stemma's, or nobody has claimed it. */
  readonly ownership: Ownership | null;
  /** Last final block; null where there is none. */
  readonly finalized: bigint | null;
};

/** Looks into a database without changing it. @throws STORE_UNAVAILABLE, STORE_FAILED */
export async function describeDatabase(url: string): Promise<DatabaseDescription> {
  const inspection = await inspectStore(url);
  try {
    const serverVersion = await inspection.serverVersion();
    const ownership = await inspection.ownership();
    const finalized = ownership === null ? null : await inspection.finalized();
    return { serverVersion, ownership, finalized: finalized?.number ?? null };
  } finally {
    await inspection.close();
  }
}
