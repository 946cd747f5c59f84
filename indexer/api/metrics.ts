import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Metrics, pipelineMetrics } from "../model/metrics.ts";

/** Seconds of a stage, and blocks of a reorg: both reach from one to some thousands of their least unit. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50, 100];

/** The pipeline's measurements and the process's own, with the registry that `/metrics` prints. */
export type MetricsRegistry = Metrics & { readonly registry: Registry };

/**
 * Makes the metrics of one process. Nothing is shared between two of them, so that a test can hold several.
 *
 * @example
 * const metrics = createMetrics();
 * metrics.set("stemma_log_size_entries", 42);
 */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { kind, help, labels }] of Object.entries(pipelineMetrics)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === "gauge") gauges.set(name, new Gauge(options));
    else if (kind === "counter") counters.set(name, new Counter(options));
    else histograms.set(name, new Histogram({ ...options, buckets: BUCKETS }));
  }
  return {
    registry,
    set: (name, value, labels) => gauges.get(name)?.set({ ...labels }, value),
    add: (name, value, labels) => counters.get(name)?.inc({ ...labels }, value),
    observe: (name, value, labels) => histograms.get(name)?.observe({ ...labels }, value),
  };
}
