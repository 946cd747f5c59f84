import { z } from "zod";
import { StemmaError } from "../../protocol/errors.ts";

const payloadSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
});

/** What one event of a GraphQL subscription carries. */
export type EventPayload = z.output<typeof payloadSchema>;

/** One event may hold a record with many parents, but not everything. */
const MAX_EVENT_CHARACTERS = 4_000_000;

/**
 * Events of a response in the format of server-sent events (graphql-sse, distinct connections), until the server completes it. A refusal
 * that comes as JSON instead is one payload.
 *
 * @throws API_REPLY_INVALID
 */
export async function* readEvents(response: Response): AsyncGenerator<EventPayload, void> {
  if (!response.headers.get("content-type")?.includes("text/event-stream")) {
    yield parse(await response.text());
    return;
  }
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? "";
    if (text.length > MAX_EVENT_CHARACTERS) throw invalid("an event is too long");
    for (const block of blocks) {
      const { event, data } = fieldsOf(block);
      if (event === "complete") return;
      if (event === "next" && data !== "") yield parse(data);
    }
  }
}

/** Fields of an event (WHATWG HTML, section 9.2.6). Comments keep the connection alive and say nothing. */
function fieldsOf(block: string): { event: string; data: string } {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ""] = /^(\w+):? ?(.*)$/.exec(line) ?? [];
    if (name === "event") event = value;
    if (name === "data") data.push(value);
  }
  return { event, data: data.join("\n") };
}

function parse(text: string): EventPayload {
  try {
    return payloadSchema.parse(JSON.parse(text));
  } catch {
    throw invalid("an event is not a GraphQL result");
  }
}

function invalid(problem: string): StemmaError {
  return new StemmaError("API_REPLY_INVALID", { query: "a subscription", problem });
}
