import { z } from "zod";
import { type Hex, ZERO_HASH } from "../../../protocol/bytes.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import type { EngineClient, PayloadAttributes } from "./engineClient.ts";
import { mintToken } from "./mintToken.ts";
import { type BlockPoint, block, executionPayload, hash, quantity } from "./payload.ts";

export type EngineClientDependencies = {
  /** The engine port (8551), which serves the `eth` namespace too. */
  readonly url: string;
  /** 32 bytes that the node has as well. */
  readonly jwtSecret: Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A full block of 100 M gas takes geth half a second; it comes back later all the same. */
const DEFAULT_TIMEOUT_MS = 8_000;

/** Of the fork Osaka (execution-apis, osaka.md and prague.md). */
const METHODS = ["engine_forkchoiceUpdatedV3", "engine_getPayloadV5", "engine_newPayloadV4"] as const;

const status = z.object({ status: z.enum(["VALID", "INVALID", "SYNCING", "ACCEPTED"]) });
const forkchoiceReply = z.object({
  payloadStatus: status,
  payloadId: z
    .custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{16}$/.test(value))
    .nullable()
    .default(null),
});
const payloadReply = z.object({
  executionPayload,
  executionRequests: block.shape.executionRequests,
  blobsBundle: z.object({ commitments: z.array(z.string()).max(0) }),
});
const headerReply = z.object({ number: quantity, hash, timestamp: quantity });
const reply = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

/**
 * A client of one geth node's engine port; a token is minted for every call.
 *
 * @throws ENGINE_UNAVAILABLE ENGINE_REFUSED ENGINE_REPLY_INVALID, from each call
 */
export function createEngineClient(
  dependencies: EngineClientDependencies,
  options: { timeoutMs?: number } = {},
): EngineClient {
  const { url, jwtSecret, now } = dependencies;
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  let id = 0;

  async function call<Result>(
    method: string,
    params: readonly unknown[],
    schema: z.ZodType<Result>,
  ): Promise<Result> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${mintToken(jwtSecret, now())}`,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
      const problem = inner instanceof Error ? inner.message : String(inner);
      throw new StemmaError("ENGINE_UNAVAILABLE", { method, problem }, { cause });
    }
    if (status !== 200)
      throw new StemmaError("ENGINE_REFUSED", { method, rpcCode: status, problem: text.slice(0, 200) });
    const message = check(method, parseJson(method, text), reply);
    if (message.error) {
      const { code: rpcCode, message: problem } = message.error;
      throw new StemmaError("ENGINE_REFUSED", { method, rpcCode, problem });
    }
    return check(method, message.result, schema);
  }

  async function choose(head: Hex, attributes: PayloadAttributes | null) {
    const state = { headBlockHash: head, safeBlockHash: head, finalizedBlockHash: head };
    const wanted = attributes && {
      timestamp: toQuantity(attributes.timestamp),
      prevRandao: attributes.prevRandao,
      suggestedFeeRecipient: attributes.feeRecipient,
      withdrawals: [],
      parentBeaconBlockRoot: ZERO_HASH,
    };
    return call("engine_forkchoiceUpdatedV3", [state, wanted], forkchoiceReply);
  }

  return {
    async assertCapabilities() {
      const offered = await call("engine_exchangeCapabilities", [METHODS], z.array(z.string()));
      const missing = METHODS.filter((method) => !offered.includes(method));
      if (missing.length > 0)
        throw new StemmaError("ENGINE_CAPABILITY_MISSING", { methods: missing.join(", ") });
    },

    async head() {
      return toPoint(await call("eth_getBlockByNumber", ["latest", false], headerReply));
    },

    async blockAt(height) {
      const header = await call("eth_getBlockByNumber", [toQuantity(height), false], headerReply.nullable());
      return header && toPoint(header);
    },

    async setHead(head) {
      return (await choose(head, null)).payloadStatus.status;
    },

    async startBuild(parent, attributes) {
      const { payloadStatus, payloadId } = await choose(parent, attributes);
      return payloadId === null || payloadStatus.status !== "VALID"
        ? { status: payloadStatus.status }
        : { payloadId };
    },

    async takeBuild(payloadId) {
      const built = await call("engine_getPayloadV5", [payloadId], payloadReply);
      const { executionPayload, executionRequests } = built;
      return { executionPayload, executionRequests, parentBeaconBlockRoot: ZERO_HASH };
    },

    async insert({ executionPayload, parentBeaconBlockRoot, executionRequests }) {
      const params = [executionPayload, [], parentBeaconBlockRoot, executionRequests];
      return (await call("engine_newPayloadV4", params, status)).status;
    },
  };
}

function toPoint(header: z.infer<typeof headerReply>): BlockPoint {
  return { height: BigInt(header.number), hash: header.hash, timestamp: BigInt(header.timestamp) };
}

function toQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

function parseJson(method: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StemmaError("ENGINE_REPLY_INVALID", { method, problem: "not JSON" });
  }
}

function check<Value>(method: string, value: unknown, schema: z.ZodType<Value>): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const problem = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
  throw new StemmaError("ENGINE_REPLY_INVALID", { method, problem });
}
