import { Buffer } from "node:buffer";
import { z } from "zod";
import { utf8 } from "../../../protocol/bytes.ts";
import type { EtcdCompare, EtcdKeyValue, EtcdOperation, EtcdRange, EtcdWatchEvent } from "./etcdClient.ts";

/** proto3's JSON leaves zero out and writes 64-bit numbers as text. */
const int64 = z
  .union([z.string().regex(/^-?\d{1,20}$/), z.number().int()])
  .default("0")
  .transform(BigInt);

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .default("")
  .transform((text) => new Uint8Array(Buffer.from(text, "base64")));

const keyText = base64.transform((bytes) => Buffer.from(bytes).toString("utf8"));

const keyValue = z.object({
  key: keyText,
  value: base64,
  create_revision: int64,
  mod_revision: int64,
  lease: int64,
});

const header = z.object({ revision: int64, cluster_id: int64, member_id: int64 });

export const rangeReply = z.object({ header, kvs: z.array(keyValue).default([]) });
export const putReply = z.object({ header });
export const grantReply = z.object({ ID: int64, TTL: int64, error: z.string().default("") });
export const keepAliveReply = z.object({ result: z.object({ ID: int64, TTL: int64 }) });
export const emptyReply = z.object({});

export const transactionReply = z.object({
  header,
  succeeded: z.boolean().default(false),
  responses: z
    .array(z.object({ response_range: z.object({ kvs: z.array(keyValue).default([]) }).optional() }))
    .default([]),
});

export const watchReply = z.object({
  header,
  created: z.boolean().default(false),
  canceled: z.boolean().default(false),
  compact_revision: int64,
  cancel_reason: z.string().default(""),
  fragment: z.boolean().default(false),
  events: z
    .array(z.object({ type: z.enum(["PUT", "DELETE"]).default("PUT"), kv: keyValue }))
    .default([])
    .transform((events): EtcdWatchEvent[] =>
      events.map(({ type, kv }) => ({ type: type === "PUT" ? "put" : "delete", item: toKeyValue(kv) })),
    ),
});

export const statusReply = z.object({
  header,
  version: z.string(),
  dbSize: int64,
  leader: int64,
  errors: z.array(z.string()).default([]),
});

export function toKeyValue(kv: z.infer<typeof keyValue>): EtcdKeyValue {
  const { key, value, create_revision: createRevision, mod_revision: modRevision, lease } = kv;
  return { key, value, createRevision, modRevision, lease };
}

/** A range as etcd's requests write it. */
export function rangeBody(range: EtcdRange): { key: string; range_end?: string } {
  const key = utf8(range.key);
  if (range.prefix) return { key: encode(key), range_end: encode(afterPrefix(key)) };
  if (range.end !== undefined) return { key: encode(key), range_end: encode(utf8(range.end)) };
  return { key: encode(key) };
}

export function putBody(put: { key: string; value: Uint8Array; lease?: bigint }) {
  return { key: encode(utf8(put.key)), value: encode(put.value), lease: String(put.lease ?? 0n) };
}

export function operationBody(operation: EtcdOperation) {
  if ("put" in operation) return { request_put: putBody(operation.put) };
  if ("range" in operation) return { request_range: rangeBody(operation.range) };
  return { request_delete_range: rangeBody(operation.delete) };
}

export function compareBody(compare: EtcdCompare) {
  const common = { key: encode(utf8(compare.key)), result: "EQUAL" };
  if ("value" in compare) return { ...common, target: "VALUE", value: encode(compare.value) };
  return { ...common, target: "CREATE", create_revision: String(compare.createRevision) };
}

/** The least key above all that begin with `prefix`; keys are text, so the last byte is never 0xff. */
function afterPrefix(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return end;
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
