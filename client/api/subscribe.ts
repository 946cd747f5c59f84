import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { isStemmaError, StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { withoutSecrets } from "../transaction/toStemmaError.ts";
import { apiError } from "./query.ts";
import { readEvents } from "./readEvents.ts";
import {
  bigIntShape,
  CHECKPOINT_FIELDS,
  type CheckpointView,
  checkpointShape,
  RECORD_FIELDS,
  recordShape,
} from "./shapes.ts";

export type SubscribeOptions = {
  readonly signal?: AbortSignal;
  /** First pause before a lost connection is taken up again; it doubles up to 30 s. Default 500. */
  readonly retryMs?: number;
};

export type WatchRecordsParameters = SubscribeOptions & {
  readonly dataId?: Hex;
  /** Cursor of the last event seen: goes on right after it. */
  readonly after?: string;
  /** Begins with this block; 0 tells the whole history. */
  readonly fromBlock?: bigint;
};
export type WatchStatesParameters = SubscribeOptions & {
  /** Follows this record until it is FINAL. */
  readonly recordHash?: Hex;
  readonly after?: string;
};
export type WatchCheckpointsParameters = SubscribeOptions & {
  /** Size of the last checkpoint seen. */
  readonly afterSize?: bigint;
};

const noticeShape = z.object({
  type: z.enum(["ADDED", "RETRACTED"]),
  cursor: z.string(),
  record: recordShape.nullable(),
  /** A reorg dropped every record above this block; their replacements follow. */
  aboveBlock: bigIntShape.nullable(),
});
const changeShape = z.object({
  type: z.enum(["CHANGED", "RETRACTED"]),
  cursor: z.string().nullable(),
  state: recordShape.shape.state.nullable(),
  record: recordShape.nullable(),
  aboveBlock: bigIntShape.nullable(),
});

export type RecordNotice = z.output<typeof noticeShape>;
export type StateChange = z.output<typeof changeShape>;

type Subscription<Event> = {
  readonly name: string;
  readonly document: string;
  readonly data: z.ZodType<{ readonly event: Event }>;
};

const recordAdded: Subscription<RecordNotice> = {
  name: "RecordAdded",
  document: `subscription RecordAdded($dataId: Hex, $after: String, $fromBlock: BigInt) {
  event: recordAdded(dataId: $dataId, after: $after, fromBlock: $fromBlock) {
    type cursor aboveBlock record { ...RecordFields }
  }
}
${RECORD_FIELDS}`,
  data: z.object({ event: noticeShape }),
};
const recordStateChanged: Subscription<StateChange> = {
  name: "RecordStateChanged",
  document: `subscription RecordStateChanged($recordHash: Hex, $after: String) {
  event: recordStateChanged(recordHash: $recordHash, after: $after) {
    type cursor state aboveBlock record { ...RecordFields }
  }
}
${RECORD_FIELDS}`,
  data: z.object({ event: changeShape }),
};
const checkpointSigned: Subscription<CheckpointView> = {
  name: "CheckpointSigned",
  document: `subscription CheckpointSigned($afterSize: BigInt) {
  event: checkpointSigned(afterSize: $afterSize) { ...CheckpointFields }
}
${CHECKPOINT_FIELDS}`,
  data: z.object({ event: checkpointShape }),
};

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/**
 * Records as they are accepted. A lost connection is taken up again after the last event, so that none is missed or told twice. Ends
 * when `signal` aborts.
 *
 * @throws API_URL_MISSING, API_REPLY_INVALID, API_REFUSED, CURSOR_INVALID
 * @example
 * for await (const { type, record } of client.watchRecords({ dataId, signal })) console.log(type, record?.recordHash);
 */
export function watchRecords(
  connection: StemmaConnection,
  parameters: WatchRecordsParameters = {},
): AsyncGenerator<RecordNotice, void> {
  const { dataId, after, fromBlock } = parameters;
  return follow(connection, recordAdded, parameters, {
    start: { dataId, after, fromBlock: after === undefined ? fromBlock?.toString() : undefined },
    resume: ({ cursor }) => ({ dataId, after: cursor }),
    isLast: () => false,
  });
}

/** States as records reach them: of all records, or of one until it is FINAL. @throws as {@link watchRecords} */
export function watchStates(
  connection: StemmaConnection,
  parameters: WatchStatesParameters = {},
): AsyncGenerator<StateChange, void> {
  const { recordHash, after } = parameters;
  return follow(connection, recordStateChanged, parameters, {
    start: { recordHash, after },
    resume: ({ cursor }) => (cursor === null ? { recordHash } : { after: cursor }),
    isLast: ({ state }) => recordHash !== undefined && state === "FINAL",
  });
}

/** Checkpoints as they are signed, ascending. @throws as {@link watchRecords} */
export function watchCheckpoints(
  connection: StemmaConnection,
  parameters: WatchCheckpointsParameters = {},
): AsyncGenerator<CheckpointView, void> {
  return follow(connection, checkpointSigned, parameters, {
    start: { afterSize: parameters.afterSize?.toString() },
    resume: ({ size }) => ({ afterSize: size.toString() }),
    isLast: () => false,
  });
}

type Places<Event> = {
  readonly start: Readonly<Record<string, unknown>>;
  readonly resume: (last: Event) => Readonly<Record<string, unknown>>;
  readonly isLast: (event: Event) => boolean;
};

async function* follow<Event>(
  connection: StemmaConnection,
  subscription: Subscription<Event>,
  { signal, retryMs = FIRST_RETRY_MS }: SubscribeOptions,
  places: Places<Event>,
): AsyncGenerator<Event, void> {
  let variables = places.start;
  let pauseMs = retryMs;
  while (!signal?.aborted) {
    try {
      for await (const event of connectOnce(connection, subscription, variables, signal)) {
        variables = places.resume(event);
        pauseMs = retryMs;
        yield event;
        if (places.isLast(event)) return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isStemmaError(error) || !error.retry) throw error;
    }
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS);
  }
}

/** One connection, until it ends. @throws API_UNAVAILABLE where it is lost. */
async function* connectOnce<Event>(
  connection: StemmaConnection,
  { name, document, data }: Subscription<Event>,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Event, void> {
  const { apiUrl } = connection;
  if (apiUrl === null) throw new StemmaError("API_URL_MISSING", { action: name });
  // Leaving the loop early ends the connection too.
  const left = new AbortController();
  try {
    const response = await connection.fetch(`${apiUrl}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: document, operationName: name, variables }),
      signal: signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]),
    });
    for await (const payload of readEvents(response)) {
      const [first] = payload.errors ?? [];
      if (first !== undefined) throw apiError(first);
      const parsed = data.safeParse(payload.data);
      if (!parsed.success) {
        const problem = z.prettifyError(parsed.error).replaceAll("\n", " ").slice(0, 300);
        throw new StemmaError("API_REPLY_INVALID", { query: name, problem }, { cause: parsed.error });
      }
      yield parsed.data.event;
    }
  } catch (error) {
    if (isStemmaError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StemmaError("API_UNAVAILABLE", { url: withoutSecrets(apiUrl), reason }, { cause: error });
  } finally {
    left.abort();
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
