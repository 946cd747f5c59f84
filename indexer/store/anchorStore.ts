import { equalBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { AnchorRow, AnchorState } from "../model/log.ts";
import type { AnchorStore } from "../model/store.ts";
import { notify } from "./changeFeed.ts";
import type { Lane, Transaction } from "./lane.ts";
import { durably } from "./logStore.ts";
import type { Pool } from "./pool.ts";
import { guarded } from "./storeError.ts";

export type StoredAnchor = {
  size: bigint;
  root: Uint8Array;
  epoch: bigint;
  from_size: bigint;
  state: AnchorState;
  nonce: bigint | null;
  raw_transaction: Uint8Array | null;
  transaction_hash: Uint8Array | null;
  block_number: bigint | null;
  block_hash: Uint8Array | null;
  sealed_at: bigint;
  sent_at: bigint | null;
  mined_at: bigint | null;
  final_at: bigint | null;
};

/**
 * The outbox of anchors. A step is on disk before the call returns; taking it twice changes nothing; one that doesn't follow from
 * the row's state is refused with ANCHOR_STATE_CONFLICT.
 */
export function createAnchorStore(lane: Lane, pool: Pool): AnchorStore {
  const step = (
    size: bigint,
    wanted: AnchorState | "DISCARDED",
    from: readonly AnchorState[],
    write: (tx: Transaction) => Promise<unknown>,
  ) =>
    durably(lane, async (tx) => {
      const [row] = await tx<
        { state: AnchorState }[]
      >`SELECT state FROM anchor WHERE size = ${size} FOR UPDATE`;
      if (row === undefined && wanted === "DISCARDED") return;
      if (row === undefined || !from.includes(row.state)) {
        throw new StemmaError("ANCHOR_STATE_CONFLICT", { size, state: row?.state ?? "unknown", wanted });
      }
      await write(tx);
      await notify(tx, { type: "anchor", size });
    });

  return {
    seal: (row) =>
      durably(lane, async (tx) => {
        await tx`INSERT INTO anchor (size, root, epoch, from_size, state, sealed_at)
          VALUES (${row.size}, ${row.root}, ${row.epoch}, ${row.fromSize}, 'SEALED', ${row.sealedAt})
          ON CONFLICT (size) DO NOTHING`;
        const [stored] = await tx<{ root: Uint8Array; state: AnchorState }[]>`
          SELECT root, state FROM anchor WHERE size = ${row.size}`;
        if (stored === undefined || !equalBytes(stored.root, row.root)) {
          const state = stored?.state ?? "unknown";
          throw new StemmaError("ANCHOR_STATE_CONFLICT", { size: row.size, state, wanted: "SEALED" });
        }
        await notify(tx, { type: "anchor", size: row.size });
      }),
    markSent: (size, sent) =>
      step(
        size,
        "SENT",
        ["SEALED", "SENT"],
        (tx) => tx`UPDATE anchor SET state = 'SENT', nonce = ${sent.nonce},
          raw_transaction = ${sent.rawTransaction}, transaction_hash = ${sent.transactionHash},
          sent_at = ${sent.sentAt} WHERE size = ${size}`,
      ),
    markMined: (size, mined) =>
      step(
        size,
        "MINED",
        ["SENT", "MINED"],
        (tx) => tx`UPDATE anchor SET state = 'MINED', block_number = ${mined.blockNumber},
          block_hash = ${mined.blockHash}, mined_at = ${mined.minedAt} WHERE size = ${size}`,
      ),
    markFinal: (size, finalAt) =>
      step(
        size,
        "FINAL",
        ["MINED", "FINAL"],
        (tx) => tx`UPDATE anchor SET state = 'FINAL', final_at = coalesce(final_at, ${finalAt}::bigint)
          WHERE size = ${size}`,
      ),
    unmine: (size) =>
      step(
        size,
        "SENT",
        ["MINED", "SENT"],
        (tx) => tx`UPDATE anchor SET state = 'SENT', block_number = NULL, block_hash = NULL, mined_at = NULL
          WHERE size = ${size}`,
      ),
    discard: (size) =>
      step(size, "DISCARDED", ["SEALED", "SENT"], (tx) => tx`DELETE FROM anchor WHERE size = ${size}`),
    open: () =>
      guarded(async () => {
        const rows = await pool.sql()<
          StoredAnchor[]
        >`SELECT * FROM anchor WHERE state <> 'FINAL' ORDER BY size`;
        return rows.map(anchorOf);
      }),
    latest: () =>
      guarded(async () => {
        const [row] = await pool.sql()<StoredAnchor[]>`SELECT * FROM anchor ORDER BY size DESC LIMIT 1`;
        return row === undefined ? null : anchorOf(row);
      }),
  };
}

export function anchorOf(row: StoredAnchor): AnchorRow {
  return {
    size: row.size,
    root: row.root,
    epoch: row.epoch,
    fromSize: row.from_size,
    state: row.state,
    nonce: row.nonce,
    rawTransaction: row.raw_transaction,
    transactionHash: row.transaction_hash,
    blockNumber: row.block_number,
    blockHash: row.block_hash,
    sealedAt: Number(row.sealed_at),
    sentAt: millisecondsOf(row.sent_at),
    minedAt: millisecondsOf(row.mined_at),
    finalAt: millisecondsOf(row.final_at),
  };
}

function millisecondsOf(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
