import { StemmaError } from "../../../protocol/errors.ts";
import type { EtcdClient, EtcdRange, EtcdTransaction, EtcdWatchEvent } from "./etcdClient.ts";
import { createEtcdGateway, type EtcdGatewayOptions, pauseBeforeRetry } from "./gateway.ts";
import * as messages from "./messages.ts";

/**
 * A client of etcd over its JSON gateway, which every member serves on its client port.
 *
 * @throws ETCD_UNAVAILABLE ETCD_REFUSED ETCD_FULL ETCD_LEASE_GONE ETCD_REPLY_INVALID, from each call
 * @example const etcd = createEtcdClient({ endpoints: ["http://127.0.0.1:2379"] });
 */
export function createEtcdClient(options: EtcdGatewayOptions): EtcdClient {
  const gateway = createEtcdGateway(options);

  return {
    async range(range, { limit = 0, sort } = {}) {
      const order = sort ? { sort_target: "CREATE", sort_order: "ASCEND" } : {};
      const body = { ...messages.rangeBody(range), limit: String(limit), ...order };
      const reply = await gateway.call("/v3/kv/range", body, messages.rangeReply);
      return { revision: reply.header.revision, items: reply.kvs.map(messages.toKeyValue) };
    },

    async put(key, value, { lease = 0n } = {}) {
      const body = messages.putBody({ key, value, lease });
      return (await gateway.call("/v3/kv/put", body, messages.putReply)).header.revision;
    },

    async transact(transaction: EtcdTransaction) {
      const body = {
        compare: transaction.compare.map(messages.compareBody),
        success: transaction.success.map(messages.operationBody),
        failure: (transaction.failure ?? []).map(messages.operationBody),
      };
      const reply = await gateway.call("/v3/kv/txn", body, messages.transactionReply);
      const reads = reply.responses.map((one) => (one.response_range?.kvs ?? []).map(messages.toKeyValue));
      return { succeeded: reply.succeeded, revision: reply.header.revision, reads };
    },

    async grantLease(ttlSeconds) {
      const reply = await gateway.call("/v3/lease/grant", { TTL: String(ttlSeconds) }, messages.grantReply);
      if (reply.error !== "" || reply.ID === 0n)
        throw new StemmaError("ETCD_REPLY_INVALID", { request: "/v3/lease/grant", problem: reply.error });
      return { lease: reply.ID, ttlSeconds: Number(reply.TTL) };
    },

    async keepLeaseAlive(lease) {
      const body = { ID: String(lease) };
      const { result } = await gateway.call("/v3/lease/keepalive", body, messages.keepAliveReply);
      // A lease that is gone is answered with no time left, not with an error.
      if (result.TTL <= 0n) throw new StemmaError("ETCD_LEASE_GONE", { lease });
      return Number(result.TTL);
    },

    async revokeLease(lease) {
      await gateway.call("/v3/lease/revoke", { ID: String(lease) }, messages.emptyReply);
    },

    watch(range, { fromRevision, signal }) {
      return watch(range, fromRevision, signal);
    },

    async status() {
      const reply = await gateway.call("/v3/maintenance/status", {}, messages.statusReply);
      return {
        version: reply.version,
        clusterId: reply.header.cluster_id,
        memberId: reply.header.member_id,
        leader: reply.leader,
        databaseBytes: reply.dbSize,
        errors: reply.errors,
      };
    },
  };

  async function* watch(
    range: EtcdRange,
    fromRevision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly EtcdWatchEvent[]> {
    let next = fromRevision;
    let attempt = 0;
    while (!signal.aborted) {
      const body = {
        create_request: { ...messages.rangeBody(range), start_revision: String(next), fragment: true },
      };
      // Fragments of one revision are handed on together: a break in the middle then repeats the whole.
      let parts: EtcdWatchEvent[] = [];
      try {
        for await (const reply of gateway.stream("/v3/watch", body, messages.watchReply, signal)) {
          if (reply.compact_revision > 0n)
            throw new StemmaError("ETCD_COMPACTED", { revision: next, oldest: reply.compact_revision });
          if (reply.canceled) break;
          attempt = 0;
          parts.push(...reply.events);
          if (reply.fragment || parts.length === 0) continue;
          const events = parts;
          parts = [];
          yield events;
          next = (events.at(-1)?.item.modRevision ?? next) + 1n;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof StemmaError && error.retry)) throw error;
      }
      await pauseBeforeRetry(attempt++, signal);
    }
  }
}
