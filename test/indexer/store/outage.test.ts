import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChangeNotice } from "../../../indexer/model/reader.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../indexer/store/embeddedPostgres.ts";
import { createStore, type Store } from "../../../indexer/store/index.ts";
import { busyBlock, header } from "./chainOfEvents.ts";

describe("a database that goes away", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "stemma-outage-"));
  let server: EmbeddedPostgres;
  let store: Store;
  before(async () => {
    server = await startEmbeddedPostgres({ dataDir });
    store = await createStore({ url: server.url });
  });
  after(async () => {
    await store.close();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("fails calls as retryable, then serves them again, and tells listeners where things stand", {
    timeout: 60_000,
  }, async () => {
    const notices: ChangeNotice[] = [];
    const unsubscribe = store.changes.subscribe((notice) => notices.push(notice));
    await store.chain.commitRange(busyBlock(1n, 3));
    const leadership = await store.log.lead();
    const port = Number(new URL(server.url).port);
    await server.stop();
    assert.ok(leadership?.lost.aborted);
    const away = { name: "STORE_UNAVAILABLE", retry: true };
    await assert.rejects(store.ping(), away);
    await assert.rejects(store.chain.commitRange(busyBlock(2n, 3)), away);
    await assert.rejects(store.reader.status(), away);
    await assert.rejects(store.log.state(), away);
    await assert.rejects(store.log.lead(), away);

    notices.length = 0;
    server = await startEmbeddedPostgres({ dataDir, port });
    await store.chain.commitRange(busyBlock(2n, 3));
    await store.chain.finalize(header(1n));
    assert.equal((await store.reader.status()).records, 6n);
    assert.equal((await store.log.pending(10)).length, 5);
    const next = await store.log.lead();
    assert.equal(next?.epoch, (leadership?.epoch ?? 0n) + 1n);
    await next?.resign();
    const types = () => [...new Set(notices.map(({ type }) => type))].sort();
    while (types().length < 5) await sleep(20);
    unsubscribe();
  });
});
