import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createEngineClient } from "../../../cluster/conductor/engine/createEngineClient.ts";
import { mintToken } from "../../../cluster/conductor/engine/mintToken.ts";
import { pointOf } from "../../../cluster/conductor/engine/payload.ts";
import { ZERO_HASH } from "../../../protocol/bytes.ts";
import { isStemmaError } from "../../../protocol/errors.ts";
import { type GethProcess, startGeth } from "./gethProcess.ts";

const FEE_RECIPIENT = `0x${"00".repeat(20)}` as const;
const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i);

describe("a token of the engine port", () => {
  it("is signed with the secret and says when it was issued, in seconds", () => {
    const [header = "", claims = "", signature] = mintToken(SECRET, 1_700_000_000_999).split(".");
    assert.deepEqual(JSON.parse(Buffer.from(header, "base64url").toString()), { alg: "HS256", typ: "JWT" });
    assert.deepEqual(JSON.parse(Buffer.from(claims, "base64url").toString()), { iat: 1_700_000_000 });
    assert.equal(signature, createHmac("sha256", SECRET).update(`${header}.${claims}`).digest("base64url"));
  });
});

describe("the client of geth's engine port", () => {
  let geth: GethProcess;
  before(async () => {
    geth = await startGeth();
  });
  after(() => geth.stop());

  it("finds the methods of the fork", () => geth.engine.assertCapabilities());

  it("builds a block, hands it back and sees the head move", async () => {
    const parent = await geth.engine.head();
    assert.equal(parent.height, 0n);
    const timestamp = BigInt(Math.floor(Date.now() / 1_000));
    const attributes = { timestamp, prevRandao: ZERO_HASH, feeRecipient: FEE_RECIPIENT };
    const build = await geth.engine.startBuild(parent.hash, attributes);
    assert.ok("payloadId" in build);
    await sleep(100);
    const block = await geth.engine.takeBuild(build.payloadId);
    const point = pointOf(block);
    assert.deepEqual({ ...point, hash: null }, { height: 1n, timestamp, hash: null });
    assert.equal(await geth.engine.insert(block), "VALID");
    assert.equal((await geth.engine.head()).height, 0n);
    assert.equal(await geth.engine.setHead(point.hash), "VALID");
    assert.deepEqual(await geth.engine.head(), point);
    assert.deepEqual(await geth.engine.blockAt(1n), point);
    assert.equal(await geth.engine.blockAt(2n), null);

    const root = { ...block, parentBeaconBlockRoot: point.hash };
    assert.equal(await geth.engine.insert(root), "INVALID");
  });

  it("says SYNCING to a head that it doesn't know", async () => {
    assert.equal(await geth.engine.setHead(`0x${"ab".repeat(32)}`), "SYNCING");
  });

  it("is refused with a time that doesn't rise, and with an unknown build", async () => {
    const head = await geth.engine.head();
    const attributes = { timestamp: head.timestamp, prevRandao: ZERO_HASH, feeRecipient: FEE_RECIPIENT };
    await assert.rejects(geth.engine.startBuild(head.hash, attributes), (error) =>
      isStemmaError(error, "ENGINE_REFUSED"),
    );
    await assert.rejects(geth.engine.takeBuild("0x0300000000000000"), (error) =>
      isStemmaError(error, "ENGINE_REFUSED"),
    );
  });

  it("is refused with another secret or a clock that is two minutes off", async () => {
    const foreign = { url: geth.url, jwtSecret: new Uint8Array(32), now: Date.now };
    const late = { url: geth.url, jwtSecret: geth.jwtSecret, now: () => Date.now() - 120_000 };
    for (const dependencies of [foreign, late])
      await assert.rejects(createEngineClient(dependencies).head(), (error) =>
        isStemmaError(error, "ENGINE_REFUSED"),
      );
  });
});

describe("the client of an engine port that misbehaves", () => {
  const cases = [
    ["not JSON", "<html>", 200, "ENGINE_REPLY_INVALID"],
    ["a header without a hash", '{"result":{"number":"0x1","timestamp":"0x1"}}', 200, "ENGINE_REPLY_INVALID"],
    ["an error of the node", '{"error":{"code":-38002,"message":"no"}}', 200, "ENGINE_REFUSED"],
    ["an error page", "<html>", 502, "ENGINE_REFUSED"],
    ["silence", "", 200, "ENGINE_UNAVAILABLE"],
  ] as const;
  for (const [what, body, status, name] of cases) {
    it(`answers ${what} with ${name}`, () =>
      against(body, status, async (url) => {
        const engine = createEngineClient({ url, jwtSecret: SECRET, now: Date.now }, { timeoutMs: 200 });
        await assert.rejects(engine.head(), (error) => isStemmaError(error, name));
      }));
  }

  it("names the methods that an engine of another fork lacks", () =>
    against('{"result":["engine_newPayloadV4"]}', 200, async (url) => {
      const engine = createEngineClient({ url, jwtSecret: SECRET, now: Date.now });
      await assert.rejects(
        engine.assertCapabilities(),
        (error) =>
          isStemmaError(error, "ENGINE_CAPABILITY_MISSING") &&
          error.values.methods === "engine_forkchoiceUpdatedV3, engine_getPayloadV5",
      );
    }));

  async function against(body: string, status: number, use: (url: string) => Promise<void>) {
    const server = createServer((_, response) => {
      response.statusCode = status;
      if (body !== "") response.end(body);
    }).listen(0, "127.0.0.1");
    try {
      await new Promise((done) => server.once("listening", done));
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      await use(`http://127.0.0.1:${address.port}`);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }
});
