import { z } from "zod";
import { type Hex, utf8 } from "../../../protocol/bytes.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import type { LogEntry, LogHead } from "../core/model.ts";
import { type Block, hash, pointOf } from "../engine/payload.ts";
import type { EtcdClient, EtcdCompare, EtcdKeyValue } from "../etcd/etcdClient.ts";
import type { BlockLog } from "./blockLog.ts";
import { fromChunks, toChunks } from "./payloadChunks.ts";

export type BlockLogOptions = {
  /** In front of every key, e.g. `stemma/mainnet/`. */
  readonly prefix: string;
  /** Of this conductor, for people who look at the election. */
  readonly name: string;
  /** etcd's own least is 2. */
  readonly leaseSeconds?: number;
};

const DEFAULT_LEASE_SECONDS = 2;
/** A height with leading zeros, so that the order of keys is the order of heights. */
const HEIGHT_DIGITS = 20;

const headValue = z.strictObject({ height: z.string().regex(/^\d{1,20}$/), hash });
const entryValue = z.strictObject({ hash, parentHash: hash, chunks: z.number().int().min(1).max(64) });

/**
 * The block log in etcd: `genesis`, `head`, `log/<height>`, `payload/<height>/<hash>/<chunk>` and `election/<lease>` below the prefix.
 * Chunks are written first and count for nothing until `log/<height>` names their block.
 *
 * @throws the errors of the etcd client, from each call
 */
export function createBlockLog(etcd: EtcdClient, options: BlockLogOptions): BlockLog {
  const { prefix, name, leaseSeconds = DEFAULT_LEASE_SECONDS } = options;
  const headKey = `${prefix}head`;
  const genesisKey = `${prefix}genesis`;
  const electionKey = (lease: bigint) => `${prefix}election/${lease.toString(16)}`;
  const logKey = (height: bigint) => `${prefix}log/${digits(height)}`;
  const payloadKey = (height: bigint, block = "") => `${prefix}payload/${digits(height)}/${block}`;
  // By token: the own election keys, for the comparison in each write.
  const ownKeys = new Map<bigint, string>();

  const holds = (fence: bigint): EtcdCompare => ({
    key: ownKeys.get(fence) ?? electionKey(0n),
    createRevision: fence,
  });

  /** Why a write was refused: `reads` hold the own election key. */
  const refusal = (own: readonly EtcdKeyValue[] | undefined, fence: bigint) =>
    ({ type: "refused", fenced: own?.[0]?.createRevision !== fence }) as const;

  return {
    async open(genesis) {
      const first = encodeHead({ height: 0n, hash: genesis });
      const { succeeded, reads } = await etcd.transact({
        compare: [{ key: genesisKey, createRevision: 0n }],
        success: [
          { put: { key: genesisKey, value: utf8(genesis) } },
          { put: { key: headKey, value: first } },
        ],
        failure: [{ range: { key: genesisKey } }],
      });
      if (succeeded) return;
      const given = text(reads[0]?.[0]);
      if (given !== genesis) throw new StemmaError("BLOCK_LOG_FOREIGN", { expected: genesis, given });
    },

    async read(after) {
      const height = after + 1n;
      // One transaction, so that head and entry are of one moment.
      const { reads } = await etcd.transact({
        compare: [],
        success: [
          { range: { key: headKey } },
          { range: { key: logKey(height) } },
          { range: { key: payloadKey(height), prefix: true } },
        ],
      });
      const head = decodeHead(reads[0]?.[0]);
      const stored = reads[1]?.[0];
      if (height > head.height) return { type: "log", head, next: null, fetch: head };
      const entry = stored && parse(text(stored), entryValue);
      // Damaged, but named: peers can be asked for that very block. What was pruned is before the oldest entry.
      if (!entry) return { type: "log", head, next: null, fetch: await beforeOldest(head) };
      const fetch = { height, hash: entry.hash };
      const own = payloadKey(height, `${entry.hash}/`);
      const chunks = (reads[2] ?? []).filter(({ key }) => key.startsWith(own));
      const payload =
        chunks.length === entry.chunks ? await fromChunks(chunks.map(({ value }) => value)) : null;
      if (payload === null) return { type: "log", head, next: null, fetch };
      const point = pointOf(payload);
      const { parentHash } = payload.executionPayload;
      const fits = point.hash === entry.hash && point.height === height && parentHash === entry.parentHash;
      return { type: "log", head, next: fits ? { point, parentHash, payload } : null, fetch };
    },

    async commit({ point, parentHash, payload }, fence) {
      const { height, hash } = point;
      const chunks = await toChunks(payload);
      const puts = chunks.map((value, index) => ({
        key: payloadKey(height, `${hash}/${String(index).padStart(3, "0")}`),
        value,
      }));
      const [last, ...before] = puts.reverse();
      for (const { key, value } of before) {
        const { succeeded } = await etcd.transact({
          compare: [holds(fence)],
          success: [{ put: { key, value } }],
        });
        if (!succeeded) return { type: "refused", fenced: true };
      }
      const entry = utf8(JSON.stringify({ hash, parentHash, chunks: chunks.length }));
      const { succeeded, reads } = await etcd.transact({
        compare: [
          { key: logKey(height), createRevision: 0n },
          { key: headKey, value: encodeHead({ height: height - 1n, hash: parentHash }) },
          holds(fence),
        ],
        success: [
          ...(last ? [{ put: last }] : []),
          { put: { key: logKey(height), value: entry } },
          { put: { key: headKey, value: encodeHead(point) } },
        ],
        failure: [{ range: { key: holds(fence).key } }],
      });
      return succeeded ? { type: "committed" } : refusal(reads[0], fence);
    },

    async prune(below, fence) {
      const { succeeded } = await etcd.transact({
        compare: [holds(fence)],
        success: [
          { delete: { key: `${prefix}log/`, end: logKey(below) } },
          { delete: { key: `${prefix}payload/`, end: payloadKey(below) } },
        ],
      });
      return succeeded ? { type: "done" } : { type: "refused", fenced: true };
    },

    async *changes(signal) {
      let { revision } = await etcd.range({ key: headKey });
      while (!signal.aborted) {
        try {
          for await (const events of etcd.watch({ key: headKey }, { fromRevision: revision + 1n, signal })) {
            const { item } = events.at(-1) ?? {};
            yield item && item.value.length > 0 ? decodeHead(item) : null;
          }
        } catch (error) {
          if (!(error instanceof StemmaError && error.name === "ETCD_COMPACTED")) throw error;
          ({ revision } = await etcd.range({ key: headKey }));
        }
      }
    },

    async grantLease() {
      const { lease, ttlSeconds } = await etcd.grantLease(leaseSeconds);
      return { lease, ttlMs: ttlSeconds * 1_000 };
    },
    async keepAlive(lease) {
      await etcd.keepLeaseAlive(lease);
    },
    revoke: (lease) => etcd.revokeLease(lease),

    async stand(lease) {
      const key = electionKey(lease);
      // Asked again after a lost answer it finds the key and returns the same token.
      const { succeeded, revision, reads } = await etcd.transact({
        compare: [{ key, createRevision: 0n }],
        success: [{ put: { key, value: utf8(name), lease } }],
        failure: [{ range: { key } }],
      });
      const fence = succeeded ? revision : (reads[0]?.[0]?.createRevision ?? 0n);
      ownKeys.clear();
      ownKeys.set(fence, key);
      return fence;
    },

    async place(fence) {
      const { items } = await etcd.range(
        { key: `${prefix}election/`, prefix: true },
        { sort: "createRevision" },
      );
      const at = items.findIndex(({ createRevision }) => createRevision === fence);
      return at === 0 ? "first" : at > 0 ? "later" : "gone";
    },
  };

  /** The block before the oldest entry: all that follow it are in the log. */
  async function beforeOldest(head: LogHead): Promise<LogHead> {
    const { items } = await etcd.range({ key: `${prefix}log/`, prefix: true }, { limit: 1 });
    const oldest = items[0];
    const entry = oldest && parse(text(oldest), entryValue);
    if (!oldest || !entry) return head;
    return { height: BigInt(oldest.key.slice(-HEIGHT_DIGITS)) - 1n, hash: entry.parentHash };
  }
}

/** A built block as an entry of the log. */
export function toEntry(payload: Block): LogEntry<Block> {
  return { point: pointOf(payload), parentHash: payload.executionPayload.parentHash, payload };
}

function digits(height: bigint): string {
  return height.toString().padStart(HEIGHT_DIGITS, "0");
}

/** The same head always gives the same bytes: they are compared. */
function encodeHead({ height, hash }: { height: bigint; hash: Hex }): Uint8Array {
  return utf8(JSON.stringify({ height: height.toString(), hash }));
}

function decodeHead(item: EtcdKeyValue | undefined): LogHead {
  const head = parse(text(item), headValue);
  if (head === null)
    throw new StemmaError("BLOCK_LOG_DAMAGED", {
      problem: `head is ${text(item).slice(0, 100) || "missing"}`,
    });
  return { height: BigInt(head.height), hash: head.hash };
}

function text(item: EtcdKeyValue | undefined): string {
  return item ? Buffer.from(item.value).toString("utf8") : "";
}

function parse<Value>(json: string, schema: z.ZodType<Value>): Value | null {
  try {
    const parsed = schema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
