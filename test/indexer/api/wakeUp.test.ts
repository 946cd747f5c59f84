import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { createWakeUp } from "../../../indexer/api/live/wakeUp.ts";
import type { ChangeNotice } from "../../../indexer/model/reader.ts";

describe("waiting for changes", () => {
  function feed() {
    const listeners = new Set<(notice: ChangeNotice) => void>();
    return {
      listeners,
      tell: () => {
        for (const listen of listeners) listen({ type: "finalized", block: 1n });
      },
      subscribe: (listen: (notice: ChangeNotice) => void) => {
        listeners.add(listen);
        return () => listeners.delete(listen);
      },
    };
  }

  it("wakes for a change that came before the wait, once for many, and leaves nothing behind", async () => {
    const changes = feed();
    const wakeUp = createWakeUp(changes);
    const stop = new AbortController();
    for (let i = 0; i < 50; i++) changes.tell();
    await wakeUp.wait(stop.signal);
    for (let i = 0; i < 50; i++) {
      const woken = wakeUp.wait(stop.signal);
      changes.tell();
      await woken;
    }
    assert.equal(getEventListeners(stop.signal, "abort").length, 0);
    let isAwake = false;
    const asleep = wakeUp.wait(stop.signal).then(() => {
      isAwake = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(isAwake, false);
    stop.abort();
    await asleep;
    wakeUp.stop();
    assert.equal(changes.listeners.size, 0);
  });
});
