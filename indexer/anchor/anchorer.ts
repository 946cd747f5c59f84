import { createPublicClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { bytesToHex, equalBytes, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { Clock } from "../model/clock.ts";
import type { AnchorRow, StoredCheckpoint } from "../model/log.ts";
import type { Probe } from "../model/probe.ts";
import type { AnchorStore, LogStore } from "../model/store.ts";
import { chainError } from "./chainError.ts";
import { proveExtension } from "./consistency.ts";
import { type AnchorCall, bindAnchorContract } from "./contract.ts";
import { refusalError } from "./refusal.ts";
import { createSender, type TransactionStatus } from "./sender.ts";

/** What happened to an anchor, for logs and metrics. */
export type AnchorNotice = {
  readonly type:
    | "sealed"
    | "sent"
    | "resent"
    | "replaced"
    | "adopted"
    | "mined"
    | "unmined"
    | "final"
    | "discarded";
  readonly size: bigint;
  readonly transactionHash: Hex | null;
};

export type AnchorerDependencies = {
  readonly anchors: AnchorStore;
  readonly log: Pick<LogStore, "latestCheckpoint" | "readTile">;
  readonly clock: Clock;
  readonly probe?: Probe | undefined;
  readonly notify?: ((notice: AnchorNotice) => void) | undefined;
};

export type AnchorerOptions = {
  readonly rpcUrl: string;
  readonly chainId: bigint;
  /** Address of the CheckpointAnchor. */
  readonly contract: Hex;
  /** Block that deployed it: where the search for an anchor begins. */
  readonly fromBlock: bigint;
  readonly logId: Hex;
  /** Private key of the log's operator, 0x and 64 digits. */
  readonly key: Hex;
  /** Least time between two anchors. */
  readonly intervalMs: number;
  /** Age at which a transaction that no block took is sent again with higher fees. */
  readonly stuckAfterMs?: number;
  readonly requestTimeoutMs?: number;
};

/** What a step is told of the world. */
export type AnchorContext = {
  /** Epoch of the leadership under which it runs. */
  readonly epoch: bigint;
  /** Number of the newest final block; null before there is one. */
  readonly finalized: bigint | null;
};

/** Where anchoring stands after a step. */
export type AnchorProgress = {
  /** Size of the newest checkpoint that the chain was seen to hold. */
  readonly anchoredSize: bigint;
  /** Rows of the outbox that are not final yet. */
  readonly open: number;
  /** Age of the oldest of them. */
  readonly oldestOpenMs: number;
};

export type Anchorer = {
  /** Address that anchors. */
  readonly account: Hex;
  /** Epoch that the contract stands at: a new leader MUST take a higher one. */
  readonly contractEpoch: () => Promise<bigint>;
  readonly step: (context: AnchorContext) => Promise<AnchorProgress>;
};

const STUCK_AFTER_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Writes checkpoints on chain through the outbox: SEALED (chosen) -> SENT (signed, bytes durable) -> MINED -> FINAL.
 *
 * One step carries every open row as far as the chain allows, then seals the newest checkpoint where none is under way. It waits
 * for nothing and may end at any point: the next step, of this process or another, goes on from the outbox. A transaction MUST be
 * durable before it is sent, so that a restart sends the same bytes and never pays twice for one anchor.
 *
 * @throws (from `step`) ANCHORING_*: with `retry` the next step may succeed, without it anchoring has to stop
 */
export function createAnchorer(dependencies: AnchorerDependencies, options: AnchorerOptions): Anchorer {
  const { anchors, log, clock, probe, notify } = dependencies;
  const stuckAfterMs = options.stuckAfterMs ?? STUCK_AFTER_MS;
  const client = createPublicClient({
    transport: http(options.rpcUrl, {
      timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      retryCount: 0,
    }),
    cacheTime: 0,
  });
  const contract = bindAnchorContract(client, {
    address: options.contract,
    logId: options.logId,
    fromBlock: options.fromBlock,
  });
  const sender = createSender(client, {
    account: privateKeyToAccount(options.key),
    chainId: options.chainId,
  });
  const state = { chainChecked: false };

  async function step({ epoch, finalized }: AnchorContext): Promise<AnchorProgress> {
    await checkChain();
    for (const row of await anchors.open()) {
      if (row.state === "MINED") await settle(row, finalized);
      else if (row.state === "SENT") await track(row, epoch);
      else await send(row, epoch);
    }
    await sealNewest(epoch);
    // An anchor that was mined at once (as on the embedded chain) is followed to its end in the same step.
    for (const row of await anchors.open()) {
      if (row.state === "SENT") await track(row, epoch);
    }
    return progress();
  }

  async function checkChain(): Promise<void> {
    if (state.chainChecked) return;
    const given = BigInt(await client.getChainId().catch(chainError("chainId")));
    if (given !== options.chainId) {
      throw new StemmaError("ANCHORING_WRONG_CHAIN", { given, expected: options.chainId });
    }
    state.chainChecked = true;
  }

  async function progress(): Promise<AnchorProgress> {
    const [open, latest] = await Promise.all([anchors.open(), anchors.latest()]);
    const pending = open.filter((row) => row.state === "SEALED" || row.state === "SENT");
    const [firstPending] = pending;
    const anchoredSize = firstPending === undefined ? (latest?.size ?? 0n) : firstPending.fromSize;
    const sealedAt = open.map((row) => row.sealedAt);
    const oldestOpenMs = sealedAt.length === 0 ? 0 : Math.max(0, clock.now() - Math.min(...sealedAt));
    return { anchoredSize, open: open.length, oldestOpenMs };
  }

  /** MINED: FINAL once no honest node drops its block, back to SENT where the block is gone. */
  async function settle(row: AnchorRow, finalized: bigint | null): Promise<void> {
    const status = await statusOf(row);
    if (status.type !== "mined" || !status.succeeded) {
      await anchors.unmine(row.size);
      tell("unmined", row);
      return;
    }
    if (row.blockHash === null || !equalBytes(row.blockHash, status.blockHash)) {
      await anchors.unmine(row.size);
      tell("unmined", row);
      await mine(row, status);
    }
    if (finalized !== null && status.blockNumber <= finalized) {
      await anchors.markFinal(row.size, clock.now());
      tell("final", row);
      await probe?.at("afterFinal");
    }
  }

  /** SENT: MINED once a block holds it; sent again where the node forgot it; replaced where it is stuck. */
  async function track(row: AnchorRow, epoch: bigint): Promise<void> {
    await probe?.at("beforeReceipt");
    const status = await statusOf(row);
    if (status.type === "mined") {
      if (status.succeeded) return mine(row, status);
      return diagnose(row, epoch);
    }
    if (await adopt(row)) return;
    const stuck = row.sentAt !== null && clock.now() - row.sentAt >= stuckAfterMs;
    if (status.type === "pending") {
      if (stuck) await replace(row);
      return;
    }
    if (row.nonce !== null && row.nonce < (await sender.usedNonces())) {
      // Mined between the two questions, else another transaction of the account used the nonce up.
      const again = await statusOf(row);
      if (again.type !== "mined") await discard(row);
      return;
    }
    await resend(row, stuck);
  }

  /** SEALED: signed, made durable, sent. */
  async function send(row: AnchorRow, epoch: bigint): Promise<void> {
    const anchored = await contract.latest();
    if (anchored.size >= row.size && (await adopt(row))) return;
    if (anchored.size !== row.fromSize || row.epoch !== epoch) return discard(row);
    const call = await callFor(row);
    const refusal = await contract.refusalOf(call, sender.account);
    if (refusal !== null) throw refusalError(refusal, askedFor(row));
    const transaction = await sender.sign(contract.address, contract.encode(call));
    await anchors.markSent(row.size, { ...transaction, sentAt: clock.now() });
    await probe?.at("afterSent");
    await broadcast(transaction.rawTransaction, transaction.transactionHash);
    tell("sent", { ...row, ...transaction });
    await probe?.at("afterBroadcast");
  }

  async function sealNewest(epoch: bigint): Promise<void> {
    const [checkpoint, latest, open] = await Promise.all([
      log.latestCheckpoint(),
      anchors.latest(),
      anchors.open(),
    ]);
    if (checkpoint === null || checkpoint.size === 0n) return;
    if (latest !== null && latest.size >= checkpoint.size) return;
    if (open.some((row) => row.state !== "MINED")) return;
    if (latest !== null && clock.now() - latest.sealedAt < options.intervalMs) return;
    const anchored = await contract.latest();
    if (anchored.epoch > epoch) {
      throw new StemmaError("ANCHORING_DEPOSED", { current: anchored.epoch, given: epoch });
    }
    // A rebuilt index trails the chain's own anchors until its log has grown past them.
    if (anchored.size > checkpoint.size) return;
    const row = await seal(checkpoint, { epoch, fromSize: anchored.size });
    await send(row, epoch);
  }

  async function seal(
    checkpoint: StoredCheckpoint,
    { epoch, fromSize }: { epoch: bigint; fromSize: bigint },
  ): Promise<AnchorRow> {
    await probe?.at("beforeSeal");
    const { size, root } = checkpoint;
    const sealedAt = clock.now();
    await anchors.seal({ size, root, epoch, fromSize, sealedAt });
    const row: AnchorRow = {
      ...{ size, root, epoch, fromSize, sealedAt, state: "SEALED" },
      ...{ nonce: null, rawTransaction: null, transactionHash: null, blockNumber: null, blockHash: null },
      ...{ sentAt: null, minedAt: null, finalAt: null },
    };
    tell("sealed", row);
    await probe?.at("afterSeal");
    return row;
  }

  async function callFor(row: AnchorRow): Promise<AnchorCall> {
    const { size, root, epoch } = row;
    const anchored = await contract.latest();
    const proof = await proveExtension(log, { from: anchored, to: { size, root } });
    return { epoch, size, root, proof };
  }

  async function mine(row: AnchorRow, status: TransactionStatus & { type: "mined" }): Promise<void> {
    const { blockNumber, blockHash } = status;
    await anchors.markMined(row.size, { blockNumber, blockHash, minedAt: clock.now() });
    tell("mined", row);
    await probe?.at("afterMined");
  }

  /** The chain may hold the anchor through another transaction: an earlier price of ours, or another run's. */
  async function adopt(row: AnchorRow): Promise<boolean> {
    const anchoredRoot = await contract.rootAt(row.size);
    if (anchoredRoot === null) return false;
    if (!equalBytes(anchoredRoot, row.root)) {
      throw new StemmaError("ANCHORING_ROOT_CONFLICT", {
        size: row.size,
        anchored: bytesToHex(anchoredRoot),
        own: bytesToHex(row.root),
      });
    }
    const place = await contract.find(row.size);
    // The node has the state but not yet the log: the next step will see both.
    if (place === null) return true;
    const transaction = await sender.fetch(hexToBytes(place.transactionHash));
    await anchors.markSent(row.size, { ...transaction, sentAt: row.sentAt ?? clock.now() });
    tell("adopted", { ...row, ...transaction });
    await mine(row, { type: "mined", succeeded: true, ...place, blockHash: hexToBytes(place.blockHash) });
    return true;
  }

  /** A block holds the transaction, reverted. The row goes; whether a new one may follow depends on why. */
  async function diagnose(row: AnchorRow, epoch: bigint): Promise<void> {
    const anchored = await contract.latest();
    await discard(row);
    if (anchored.size !== row.fromSize || row.epoch < epoch) return;
    const refusal = await contract.refusalOf(await callFor(row), sender.account);
    if (refusal !== null) throw refusalError(refusal, askedFor(row));
  }

  async function resend(row: AnchorRow, stuck: boolean): Promise<void> {
    if (row.rawTransaction === null || row.transactionHash === null) return discard(row);
    const refused = await sender.broadcast(row.rawTransaction);
    if (refused === null) return tell("resent", row);
    if ((await statusOf(row)).type !== "unknown") return;
    if (stuck || /underpriced|gas price|fee/i.test(refused)) return replace(row);
    throw new StemmaError("ANCHORING_TRANSACTION_REFUSED", { reason: refused });
  }

  async function replace(row: AnchorRow): Promise<void> {
    if (row.rawTransaction === null) return discard(row);
    const transaction = await sender.resign(row.rawTransaction);
    await anchors.markSent(row.size, { ...transaction, sentAt: clock.now() });
    await probe?.at("afterSent");
    await broadcast(transaction.rawTransaction, transaction.transactionHash);
    tell("replaced", { ...row, ...transaction });
  }

  async function broadcast(raw: Uint8Array, hash: Uint8Array): Promise<void> {
    const refused = await sender.broadcast(raw);
    if (refused === null) return;
    if ((await sender.statusOf(hash)).type !== "unknown") return;
    throw new StemmaError("ANCHORING_TRANSACTION_REFUSED", { reason: refused });
  }

  async function discard(row: AnchorRow): Promise<void> {
    await anchors.discard(row.size);
    tell("discarded", row);
  }

  async function statusOf(row: AnchorRow): Promise<TransactionStatus> {
    return row.transactionHash === null ? { type: "unknown" } : sender.statusOf(row.transactionHash);
  }

  function askedFor({ size, fromSize }: AnchorRow) {
    const { address, logId } = contract;
    return { contract: address, logId, account: sender.account.address, size, fromSize };
  }

  function tell(type: AnchorNotice["type"], row: Pick<AnchorRow, "size" | "transactionHash">): void {
    const transactionHash = row.transactionHash === null ? null : bytesToHex(row.transactionHash);
    notify?.({ type, size: row.size, transactionHash });
  }

  return {
    account: sender.account.address,
    contractEpoch: async () => (await contract.latest()).epoch,
    step,
  };
}
