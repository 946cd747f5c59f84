import assert from "node:assert/strict";
import { test } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { FinalityChoice } from "../../../indexer/chain/finality/choose.ts";
import { chooseFinality } from "../../../indexer/chain/finality/choose.ts";
import { readHeader } from "../../../indexer/chain/header.ts";
import type { Rpc, RpcReply } from "../../../indexer/chain/rpc.ts";
import { bytesToHex, concatBytes, type Hex } from "../../../protocol/bytes.ts";
import type { BlockHeaderFields } from "../../../protocol/header.ts";
import {
  addressOfPublicKey,
  committedSealDigest,
  encodeExtraData,
  qbftBlockHash,
} from "../../../protocol/qbft.ts";

const signal = new AbortController().signal;
const HASH: Hex = `0x${"11".repeat(32)}`;
const BASE: BlockHeaderFields = {
  parentHash: HASH,
  sha3Uncles: HASH,
  miner: `0x${"00".repeat(20)}`,
  stateRoot: HASH,
  transactionsRoot: HASH,
  receiptsRoot: HASH,
  logsBloom: `0x${"00".repeat(256)}`,
  difficulty: "0x1",
  number: "0x64",
  gasLimit: "0x1c9c380",
  gasUsed: "0x0",
  timestamp: "0x6553f100",
  extraData: "0x",
  mixHash: "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365",
  nonce: "0x0000000000000000",
  baseFeePerGas: "0x0",
};
const validators = Array.from({ length: 4 }, () => {
  const { secretKey, publicKey } = secp256k1.keygen();
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  return { secretKey, address: addressOfPublicKey(point) };
});
const addresses = validators.map(({ address }) => address).sort();

/** A header that the given validators sealed, as Besu would answer it. */
function sealed(signers: readonly { secretKey: Uint8Array }[], round = 0) {
  const extra = (seals: Uint8Array[]) =>
    bytesToHex(
      encodeExtraData({ vanity: new Uint8Array(32), validators: addresses, vote: null, round, seals }),
    );
  const digest = committedSealDigest({ ...BASE, extraData: extra([]) });
  const seals = signers.map(({ secretKey }) => {
    const signature = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });
    return concatBytes(signature.subarray(1), signature.subarray(0, 1));
  });
  const fields = { ...BASE, extraData: extra(seals) };
  return { ...fields, hash: qbftBlockHash(fields) };
}

/** A node made of its answers; every other method is unknown to it. */
function nodeOf(answers: Readonly<Record<string, (params: readonly unknown[]) => unknown>>): Rpc {
  const answer = (method: string, params: readonly unknown[]): RpcReply => {
    const give = answers[method];
    const result = give?.(params);
    return result === undefined ? { error: { code: -32601, message: "unknown" } } : { result };
  };
  return {
    batch: async (calls) => ({
      replies: calls.map(({ method, params }) => answer(method, params)),
      bytes: 0,
    }),
    request: async () => undefined,
    statistics: () => ({ requests: 0, calls: 0, bytes: 0, waitMs: 0, parseMs: 0 }),
  };
}

function headerOf(fields: object) {
  const header = readHeader({ ...BASE, hash: HASH, ...fields });
  assert.ok(header);
  return header;
}

const besu = {
  web3_clientVersion: () => "besu/v26.8.0/linux-x86_64/openjdk-java-25",
  qbft_getValidatorsByBlockNumber: () => addresses,
};
const finalized = (block: unknown) => (params: readonly unknown[]) =>
  params[0] === "finalized" ? block : undefined;

test("auto finds the driver from what the node can do", async () => {
  const block = { ...BASE, hash: HASH };
  const cases: [answers: Parameters<typeof nodeOf>[0], name: string][] = [
    [{ web3_clientVersion: () => "HardhatNetwork/3.18.0/@nomicfoundation/edr" }, "instant"],
    [besu, "qbft"],
    [{ web3_clientVersion: () => "Geth/v1.17.8-stable/linux-amd64/go1.26" }, "tag"],
    [{ web3_clientVersion: () => "reth/v1.9", eth_getBlockByNumber: finalized(block) }, "tag"],
  ];
  for (const [answers, name] of cases) {
    assert.equal((await chooseFinality({ rpc: nodeOf(answers) }, { driver: "auto" })).name, name);
  }
});

test("finality is never guessed", async () => {
  const unknown = nodeOf({ web3_clientVersion: () => "besu/v26.8.0/linux-x86_64" });
  await assert.rejects(chooseFinality({ rpc: unknown }, { driver: "auto" }), { name: "FINALITY_UNKNOWN" });
});

test("what is configured goes before what the node says", async () => {
  const choices: FinalityChoice[] = [
    { driver: "instant" },
    { driver: "tag" },
    { driver: "qbft" },
    { driver: "depth", depth: 3 },
  ];
  for (const choice of choices) {
    assert.equal((await chooseFinality({ rpc: nodeOf(besu) }, choice)).name, choice.driver);
  }
});

test("instant: the head is final", async () => {
  const driver = await chooseFinality({ rpc: nodeOf({}) }, { driver: "instant" });
  assert.deepEqual(await driver.finalBlock(headerOf({}), signal), { number: 100n, hash: HASH });
});

test("depth: the block that far below the head is final, none while the chain is shorter", async () => {
  const driver = await chooseFinality({ rpc: nodeOf({}) }, { driver: "depth", depth: 12 });
  assert.deepEqual(await driver.finalBlock(headerOf({}), signal), { number: 88n, hash: null });
  assert.equal(await driver.finalBlock(headerOf({ number: "0xb" }), signal), null);
});

test("tag: the finalized block is final, none while the node has none", async () => {
  const block = { ...BASE, number: "0x60", hash: `0x${"22".repeat(32)}` };
  const follows = async (rpc: Rpc) =>
    (await chooseFinality({ rpc }, { driver: "tag" })).finalBlock(headerOf({}), signal);
  assert.deepEqual(await follows(nodeOf({ eth_getBlockByNumber: finalized(block) })), {
    number: 96n,
    hash: block.hash,
  });
  assert.equal(await follows(nodeOf({ eth_getBlockByNumber: finalized(null) })), null);
  assert.equal(await follows(nodeOf({})), null);
});

test("qbft: a header with the seals of a quorum is final, whatever the round", async () => {
  const driver = await chooseFinality({ rpc: nodeOf(besu) }, { driver: "qbft" });
  for (const round of [0, 1, 300]) {
    const header = sealed(validators.slice(0, 3), round);
    assert.deepEqual(await driver.finalBlock(headerOf(header), signal), { number: 100n, hash: header.hash });
  }
});

test("qbft: too few seals, doubled seals, strangers' seals and changed headers prove nothing", async () => {
  const driver = await chooseFinality({ rpc: nodeOf(besu) }, { driver: "qbft" });
  const [first, second, third] = validators;
  assert.ok(first && second && third);
  const stranger = secp256k1.keygen();
  const whole = sealed([first, second, third]);
  const faults: object[] = [
    sealed([]),
    sealed([first, second]),
    sealed([first, second, second]),
    sealed([first, second, stranger]),
    { ...whole, stateRoot: `0x${"33".repeat(32)}` },
    { ...whole, hash: `0x${"44".repeat(32)}` },
    { ...whole, extraData: "0x" },
    { ...whole, extraData: "0xc0" },
  ];
  for (const fault of faults) {
    await assert.rejects(driver.finalBlock(headerOf(fault), signal), { name: "FINALITY_UNPROVEN" });
  }
});

test("qbft: genesis needs no seals, and an odd list of validators is refused", async () => {
  const driver = await chooseFinality({ rpc: nodeOf(besu) }, { driver: "qbft" });
  assert.deepEqual(await driver.finalBlock(headerOf({ number: "0x0" }), signal), { number: 0n, hash: HASH });
  for (const answer of [[], ["0x12"], "none"]) {
    const rpc = nodeOf({ qbft_getValidatorsByBlockNumber: () => answer });
    const odd = await chooseFinality({ rpc }, { driver: "qbft" });
    await assert.rejects(odd.finalBlock(headerOf(sealed(validators)), signal), { name: "RPC_REPLY_INVALID" });
  }
});
