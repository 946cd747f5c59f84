/** How far the producer may run ahead of the consumer. */
export type ReadAheadOptions<Item> = {
  /** Weight of an item, in the unit of `limit`. */
  readonly weigh: (item: Item) => number;
  /** The producer waits while more than this is queued. One item is always let through, however heavy. */
  readonly limit: number;
  /** Told of the queued weight whenever it changes. */
  readonly onWeight?: (weight: number) => void;
};

/**
 * Fetches the next items while the present one is being worked on, within a limit of weight rather than of number: ranges of a dense
 * chain differ in size by four orders. Order is kept. An error of the source is thrown after the items that came before it.
 */
export async function* readAhead<Item>(
  source: AsyncIterable<Item>,
  { weigh, limit, onWeight }: ReadAheadOptions<Item>,
): AsyncGenerator<Item> {
  const queue: Item[] = [];
  const state: { weight: number; done: boolean; stopped: boolean; error: { cause: unknown } | null } = {
    weight: 0,
    done: false,
    stopped: false,
    error: null,
  };
  let notify: () => void = () => undefined;
  let changed = new Promise<void>((resolve) => {
    notify = resolve;
  });
  const tellChange = () => {
    const tell = notify;
    changed = new Promise<void>((resolve) => {
      notify = resolve;
    });
    onWeight?.(state.weight);
    tell();
  };
  const produce = async () => {
    try {
      for await (const item of source) {
        if (state.stopped) break;
        queue.push(item);
        state.weight += weigh(item);
        tellChange();
        while (state.weight > limit && queue.length > 0 && !state.stopped) await changed;
      }
    } catch (cause) {
      state.error = { cause };
    }
    state.done = true;
    tellChange();
  };
  void produce();
  try {
    while (true) {
      const item = queue.shift();
      if (item !== undefined) {
        yield item;
        state.weight -= weigh(item);
        tellChange();
      } else if (state.error !== null) {
        throw state.error.cause;
      } else if (state.done) {
        return;
      } else {
        await changed;
      }
    }
  } finally {
    state.stopped = true;
    state.weight = 0;
    tellChange();
  }
}
