import { StemmaError } from "../../protocol/errors.ts";
import type { Leadership } from "../model/store.ts";
import { openClient, type Sql } from "./connect.ts";
import type { Transaction } from "./lane.ts";
import { guarded } from "./storeError.ts";

export type LeadershipOptions = {
  /** How often the session that holds the lock is spoken to. */
  readonly heartbeatMs: number;
};

const LOCK_KEY = 0x5354_4d41_0002n;
/** The server notices a vanished client within a minute, so that another one can lead. */
const SESSION = {
  tcp_keepalives_idle: "15",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  statement_timeout: "10000",
  synchronous_commit: "on",
};

/**
 * Takes the sequencer's lock in a session of its own: the lock ends with the session, so a successor waits for nothing. The epoch
 * grows durably with each leader and fences every write, should two ever believe that they lead.
 */
export async function lead(url: string, options: LeadershipOptions, above = 0n): Promise<Leadership | null> {
  const controller = new AbortController();
  const sql = openClient(url, {
    max: 1,
    name: "leader",
    settings: SESSION,
    cancellable: false,
    onClose: () => controller.abort(),
  });
  const end = () => sql.end({ timeout: 1 }).catch(() => undefined);
  try {
    const epoch = await guarded(() => takeEpoch(sql, above));
    if (epoch === null) {
      await end();
      return null;
    }
    const heartbeat = setInterval(() => {
      beat(sql, options.heartbeatMs).catch(() => controller.abort());
    }, options.heartbeatMs);
    heartbeat.unref();
    controller.signal.addEventListener(
      "abort",
      () => {
        clearInterval(heartbeat);
        // Without this the driver would open another session, which holds no lock.
        void end();
      },
      { once: true },
    );
    return {
      epoch,
      lost: controller.signal,
      resign: async () => {
        clearInterval(heartbeat);
        await end();
        controller.abort();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Refuses a write of a leader that has been replaced, and keeps the next one waiting until this transaction has ended. */
export async function checkEpoch(tx: Transaction, epoch: bigint): Promise<void> {
  const [row] = await tx<{ epoch: bigint }[]>`SELECT epoch FROM log_leader FOR SHARE`;
  const current = row?.epoch ?? 0n;
  if (current !== epoch) throw new StemmaError("LEADERSHIP_LOST", { epoch, current });
}

async function takeEpoch(sql: Sql, above: bigint): Promise<bigint | null> {
  const [lock] = await sql<{ taken: boolean }[]>`SELECT pg_try_advisory_lock(${LOCK_KEY}::bigint) AS taken`;
  if (!lock?.taken) return null;
  const [row] = await sql<{ epoch: bigint }[]>`
    UPDATE log_leader SET epoch = greatest(epoch, ${above}::bigint) + 1 RETURNING epoch`;
  return row?.epoch ?? null;
}

async function beat(sql: Sql, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new StemmaError("STORE_UNAVAILABLE", { reason: "no answer" })),
      limitMs * 2,
    );
    timer.unref();
  });
  try {
    await Promise.race([sql`SELECT 1`, late]);
  } finally {
    clearTimeout(timer);
  }
}
