import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { createPublicClient, http } from "viem";
import { headerKind, receiptsBelong } from "../../client/proof/blockEvidence.ts";
import { checkFinality, detectFinalityRule, parseFinalityRule } from "../../client/proof/finalityRule.ts";
import { createVerifyingNode, type ToldBlock, type VerifyingNode } from "../../client/proof/node.ts";
import { trieRoot } from "../../client/proof/trieRoot.ts";
import { bytesToHex, concatBytes, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import {
  addressOfPublicKey,
  committedSealDigest,
  encodeExtraData,
  qbftBlockHash,
} from "../../protocol/qbft.ts";
import { startChain, type TestChain } from "../helpers/chain.ts";

const keys = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte));
const validators = keys.map((key) => addressOfPublicKey(secp256k1.getPublicKey(key, false))).sort();

/** A block that the given keys sealed, as Besu tells it. */
function sealedBlock(sealers: readonly Uint8Array[]): ToldBlock {
  const word: Hex = `0x${"ab".repeat(32)}`;
  const extra = (seals: readonly Uint8Array[]) =>
    bytesToHex(encodeExtraData({ vanity: new Uint8Array(32), validators, vote: null, round: 2, seals }));
  const unsealed: ToldBlock = {
    hash: word,
    parentHash: word,
    sha3Uncles: word,
    miner: `0x${"11".repeat(20)}`,
    stateRoot: word,
    transactionsRoot: word,
    receiptsRoot: word,
    logsBloom: `0x${"00".repeat(256)}`,
    difficulty: "0x1",
    number: "0x10",
    gasLimit: "0xffff",
    gasUsed: "0x0",
    timestamp: "0x6500",
    extraData: extra([]),
    mixHash: word,
    nonce: "0x0000000000000000",
    transactions: [],
  };
  const digest = committedSealDigest(unsealed);
  const seals = sealers.map((key) => {
    const signature = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
    return concatBytes(signature.subarray(1), signature.subarray(0, 1));
  });
  const block = { ...unsealed, extraData: extra(seals) };
  return { ...block, hash: qbftBlockHash(block) };
}

/** A node that says what it is told to say. */
function nodeWith(answers: Partial<VerifyingNode>): VerifyingNode {
  const unexpected = async () => assert.fail("not to be asked");
  return {
    chainId: unexpected,
    block: async () => null,
    call: unexpected,
    receipts: unexpected,
    qbftValidators: async () => null,
    ...answers,
  };
}

describe("finality of an anchor's block", () => {
  const qbft = { rule: { kind: "qbft" }, latest: 20n } as const;

  it("is given by seals of two thirds of the validators that the caller trusts", async () => {
    const block = sealedBlock(keys.slice(0, 3));
    assert.equal(headerKind(block), "qbft");
    assert.equal((await checkFinality(nodeWith({}), block, { ...qbft, validators })).ok, true);
  });

  it("is refused with too few seals, doubled ones, or a stranger's", async () => {
    const stranger = new Uint8Array(32).fill(9);
    const [first, second] = keys;
    assert.ok(first && second);
    for (const sealers of [keys.slice(0, 2), [first, first, second], [first, second, stranger]]) {
      const verdict = await checkFinality(nodeWith({}), sealedBlock(sealers), { ...qbft, validators });
      assert.equal(verdict.ok, false);
    }
  });

  it("asks the node for validators where the caller gives none, and says no where it names none", async () => {
    const block = sealedBlock(keys);
    const named = nodeWith({ qbftValidators: async () => validators });
    assert.equal((await checkFinality(named, block, qbft)).ok, true);
    assert.equal((await checkFinality(nodeWith({}), block, qbft)).ok, false);
  });

  it("doesn't take the validators that the header itself names", async () => {
    const block = sealedBlock(keys);
    const others = [`0x${"77".repeat(20)}`] as const;
    assert.equal((await checkFinality(nodeWith({}), block, { ...qbft, validators: others })).ok, false);
  });

  it("follows the node's finalized block, or a depth", async () => {
    const block = sealedBlock(keys);
    const at = (number: Hex) => nodeWith({ block: async () => ({ ...block, number }) });
    const tag = { rule: { kind: "tag" }, latest: 99n } as const;
    assert.equal((await checkFinality(at("0x10"), block, tag)).ok, true);
    assert.equal((await checkFinality(at("0xf"), block, tag)).ok, false);
    assert.equal((await checkFinality(nodeWith({}), block, tag)).ok, false);
    const depth = (latest: bigint) =>
      checkFinality(nodeWith({}), block, { rule: { kind: "depth", blocks: 4n }, latest });
    assert.equal((await depth(20n)).ok, true);
    assert.equal((await depth(19n)).ok, false);
  });

  it("has its rule found by seals, chain id, or what the node knows", async () => {
    const sealed = sealedBlock(keys);
    const plain = { ...sealed, extraData: "0x" } as const;
    const kind = async (node: VerifyingNode, chainId: bigint, block: ToldBlock) =>
      (await detectFinalityRule(node, chainId, block)).kind;
    assert.equal(await kind(nodeWith({}), 31337n, sealed), "qbft");
    assert.equal(await kind(nodeWith({}), 31337n, plain), "instant");
    assert.equal(await kind(nodeWith({ block: async () => plain }), 5n, plain), "tag");
    assert.equal(await kind(nodeWith({}), 5n, plain), "depth");
  });

  it("is named in a few words, and nothing else is understood", () => {
    assert.deepEqual(parseFinalityRule("depth:12"), { kind: "depth", blocks: 12n });
    assert.equal(parseFinalityRule("auto"), null);
    for (const text of ["", "depth", "depth:", "depth:-1", "finalized", "TAG"]) {
      assert.throws(() => parseFinalityRule(text), { name: "FINALITY_RULE_INVALID" });
    }
  });
});

describe("what a header proves", () => {
  let chain: TestChain;
  before(async () => {
    chain = await startChain();
  });
  after(() => chain?.stop());

  it("is every receipt of its block, whatever their number and type", async () => {
    const client = createPublicClient({ transport: http(chain.rpcUrl) });
    const node = createVerifyingNode(client, chain.rpcUrl);
    const [from] = chain.accounts;
    assert.ok(from);
    // Positions from 128 on have keys of two bytes: the trie branches in another way.
    for (const count of [0, 1, 2, 17, 140]) {
      await chain.setAutomine(false);
      for (let i = 0; i < count; i++) {
        const typed =
          i % 2 === 0
            ? { gasPrice: "0x77359400" }
            : { maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x1" };
        await chain.rpc("eth_sendTransaction", [
          { from: from.address, to: from.address, value: "0x1", gas: "0x5208", ...typed },
        ]);
      }
      await chain.mine();
      await chain.setAutomine(true);
      const block = await node.block("latest");
      assert.ok(block);
      assert.equal(block.transactions.length, count);
      assert.equal(headerKind(block), "plain");
      const receipts = await node.receipts(block);
      assert.equal(receiptsBelong(block, receipts), true);
      assert.equal(receiptsBelong(block, receipts.slice(1)), count === 0);
      const forged = receipts.map((receipt, i) =>
        i === count - 1 ? { ...receipt, status: "0x0" as const } : receipt,
      );
      assert.equal(receiptsBelong(block, forged), count === 0);
      assert.equal(headerKind({ ...block, timestamp: "0x1" }), null);
    }
  });

  it("is the known root of an empty list", () => {
    // keccak256(RLP("")), in the header of every block without transactions.
    assert.equal(trieRoot([]), "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    assert.notEqual(trieRoot([hexToBytes("0x01")]), trieRoot([hexToBytes("0x02")]));
  });
});
