import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type ApiMetrics = {
  readonly requests: Counter<"route" | "status">;
  readonly duration: Histogram<"route">;
  readonly errors: Counter<"name">;
};

/** Registers the API's metrics: `stemma_api_*`. */
export function createApiMetrics(registry: Registry, openSubscriptions: () => number): ApiMetrics {
  const registers = [registry];
  new Gauge({
    name: "stemma_api_subscriptions_open",
    help: "Subscriptions that are open.",
    registers,
    collect() {
      this.set(openSubscriptions());
    },
  });
  return {
    requests: new Counter({
      name: "stemma_api_requests_total",
      help: "HTTP requests answered.",
      labelNames: ["route", "status"],
      registers,
    }),
    duration: new Histogram({
      name: "stemma_api_request_seconds",
      help: "Time from a request's head to the end of its answer, subscriptions excepted.",
      labelNames: ["route"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    errors: new Counter({
      name: "stemma_api_errors_total",
      help: "Errors shown to users, by name.",
      labelNames: ["name"],
      registers,
    }),
  };
}
