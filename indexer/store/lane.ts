import type postgres from "postgres";
import { StemmaError } from "../../protocol/errors.ts";
import { type ClientOptions, openClient, type Sql } from "./connect.ts";

export type Transaction = postgres.ReservedSql<{ bigint: bigint; bytea: Uint8Array }>;

/** One session whose transactions run one after the other. */
export type Lane = {
  /** Commits where `work` resolves, rolls back where it rejects, and rejects at once where the session is lost. */
  readonly transaction: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  readonly end: () => Promise<void>;
};

type Session = { readonly client: Sql; readonly lost: Promise<never>; isLost: boolean };

/**
 * Opens a lane. A session that was lost gets no further statement, not even a rollback (see {@link openClient}); the next transaction
 * opens another one.
 */
export function createLane(url: string, options: ClientOptions): Lane {
  let session: Session | null = null;
  let tail: Promise<unknown> = Promise.resolve();

  const drop = (dropped: Session) => {
    dropped.isLost = true;
    if (session === dropped) session = null;
    dropped.client.end({ timeout: 0 }).catch(() => undefined);
  };
  const run = async <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    session ??= openSession(url, options, drop);
    const mine = session;
    const unlessLost = <Value>(value: Promise<Value>) => Promise.race([value, mine.lost]);
    const tx = await unlessLost(reserve(mine.client)).catch((error: unknown) => {
      drop(mine);
      throw error;
    });
    try {
      await unlessLost(tx.unsafe("BEGIN"));
      const result = await unlessLost(work(tx));
      await unlessLost(tx.unsafe("COMMIT"));
      tx.release();
      return result;
    } catch (error) {
      if (!mine.isLost) {
        // A session that can't even roll back is of no use any more; the server rolls back when it ends.
        await unlessLost(tx.unsafe("ROLLBACK")).then(
          () => tx.release(),
          () => drop(mine),
        );
      }
      throw error;
    }
  };
  return {
    transaction: (work) => {
      const next = tail.then(() => run(work));
      tail = next.catch(() => undefined);
      return next;
    },
    end: async () => {
      await tail;
      await session?.client.end({ timeout: 5 });
    },
  };
}

/** A connection that isn't open yet is never handed out where the driver doesn't look up array types: it is opened first. */
async function reserve(client: Sql): Promise<Transaction> {
  await client`SELECT 1`;
  return client.reserve();
}

function openSession(url: string, options: ClientOptions, drop: (session: Session) => void): Session {
  let lose: (reason: StemmaError) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  lost.catch(() => undefined);
  const client = openClient(url, {
    ...options,
    max: 1,
    cancellable: false,
    onClose: () => {
      drop(session);
      lose(new StemmaError("STORE_UNAVAILABLE", { reason: "the connection was lost" }));
    },
  });
  const session: Session = { client, lost, isLost: false };
  return session;
}
