import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRetry, type RetryOptions } from "../../../indexer/pipeline/retry.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { recordMetrics, silentLogger } from "../../helpers/observation.ts";

const unavailable = () => new StemmaError("STORE_UNAVAILABLE", { reason: "down" });

function makeRetry(options: Partial<RetryOptions> = {}) {
  const metrics = recordMetrics();
  const stop = new AbortController();
  const retry = createRetry(
    { logger: silentLogger, metrics },
    { stage: "chain", signal: stop.signal, leastMs: 1, mostMs: 4, ...options },
  );
  return { retry, metrics, stop };
}

describe("retrying a stage", () => {
  it("goes on after errors that may pass, and says in the metrics what it waited for", async () => {
    const { retry, metrics } = makeRetry();
    let attempts = 0;
    await retry.run(async () => {
      attempts += 1;
      if (attempts < 10) throw unavailable();
      assert.equal(
        metrics.value("stemma_pipeline_stall_state", { stage: "chain", reason: "STORE_UNAVAILABLE" }),
        1,
      );
      retry.progressed();
    });
    assert.equal(attempts, 10);
    assert.equal(
      metrics.value("stemma_pipeline_retries_total", { stage: "chain", code: "STORE_UNAVAILABLE" }),
      9,
    );
    assert.equal(
      metrics.value("stemma_pipeline_stall_state", { stage: "chain", reason: "STORE_UNAVAILABLE" }),
      0,
    );
  });

  it("passes on at once what won't pass by itself, and what others handle", async () => {
    const fatal = new StemmaError("ASSERTION_FAILED", { what: "a test" });
    await assert.rejects(
      makeRetry().retry.run(() => Promise.reject(fatal)),
      { name: "ASSERTION_FAILED" },
    );
    const { retry } = makeRetry({ passOn: ["STORE_UNAVAILABLE"] });
    await assert.rejects(
      retry.run(() => Promise.reject(unavailable())),
      { name: "STORE_UNAVAILABLE" },
    );
  });

  it("gives up on an error without a code after a few attempts in a row", async () => {
    const { retry } = makeRetry();
    let attempts = 0;
    await assert.rejects(
      retry.run(async () => {
        attempts += 1;
        throw new TypeError("a defect");
      }),
      TypeError,
    );
    assert.equal(attempts, 6);
  });

  it("ends quietly when it is told to stop", async () => {
    const { retry, stop } = makeRetry({ leastMs: 60_000, mostMs: 60_000 });
    const run = retry.run(() => Promise.reject(unavailable()));
    setTimeout(() => stop.abort(), 5);
    await run;
  });
});
