/** Events of one subscription, read from the wire. */
export type Subscription = {
  /** The next event's data; null once the server completed the stream. */
  readonly next: (timeoutMs?: number) => Promise<unknown>;
  /** True where nothing comes for so long. */
  readonly isQuiet: (forMs: number) => Promise<boolean>;
  readonly close: () => void;
  readonly response: Response;
};

/** Subscribes over server-sent events, as graphql-sse's distinct connections do, with nothing but fetch. */
export async function subscribe(url: string, query: string, variables: object = {}): Promise<Subscription> {
  const abort = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query, variables }),
    signal: abort.signal,
  });
  const events = readEvents(response);
  let pending: Promise<IteratorResult<unknown, void>> | null = null;
  const pull = () => {
    pending ??= events.next();
    return pending;
  };
  return {
    response,
    close: () => abort.abort(),
    next: async (timeoutMs = 10_000) => {
      const result = await within(pull(), timeoutMs);
      if (result === null) throw new Error(`no event within ${timeoutMs} ms`);
      pending = null;
      return result.done ? null : result.value;
    },
    isQuiet: async (forMs) => (await within(pull(), forMs)) === null,
  };
}

async function* readEvents(response: Response): AsyncGenerator<unknown, void, undefined> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines
          .find((line) => line.startsWith(name))
          ?.slice(name.length)
          .trim();
      if (field("event:") === "complete") return;
      const data = field("data:");
      if (field("event:") === "next" && data) yield JSON.parse(data);
    }
  }
}

async function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | null> {
  const timeout = Promise.withResolvers<null>();
  const timer = setTimeout(() => timeout.resolve(null), timeoutMs);
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
