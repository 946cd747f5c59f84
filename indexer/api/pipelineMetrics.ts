import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { type Metrics, pipelineMetrics } from "../model/metrics.ts";

/** Seconds of a stage, and blocks of a reorg: both reach from one to some thousands of their least unit. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50, 100];

/**
 * Registers the pipeline's metrics and gives it the means to set them.
 *
 * @example
 * const metrics = createPipelineMetrics(new Registry());
 * metrics.set("stemma_log_size_entries", 42);
 */
export function createPipelineMetrics(registry: Registry): Metrics {
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
    set: (name, value, labels) => gauges.get(name)?.set({ ...labels }, value),
    add: (name, value, labels) => counters.get(name)?.inc({ ...labels }, value),
    observe: (name, value, labels) => histograms.get(name)?.observe({ ...labels }, value),
  };
}
