import type { Metrics } from "../../indexer/model/metrics.ts";

/** A logger that says nothing. */
export const silentLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Metrics that a test can read: the last value of a gauge, the sum of a counter, the last observation of a histogram. */
export function recordMetrics(): Metrics & {
  readonly value: (name: string, labels?: Readonly<Record<string, string>>) => number | undefined;
} {
  const values = new Map<string, number>();
  const keyOf = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
  return {
    set: (name, value, labels) => void values.set(keyOf(name, labels), value),
    add: (name, value, labels) =>
      void values.set(keyOf(name, labels), (values.get(keyOf(name, labels)) ?? 0) + value),
    observe: (name, value, labels) => void values.set(keyOf(name, labels), value),
    value: (name, labels) => values.get(keyOf(name, labels)),
  };
}
