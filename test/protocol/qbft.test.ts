import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { encodeRlp as ethersRlp } from "ethers";
import fc from "fast-check";
import { bytesToHex, concatBytes, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { keccak256 } from "../../protocol/hash.ts";
import { type BlockHeaderFields, headerItems } from "../../protocol/header.ts";
import {
  addressOfPublicKey,
  committedSealDigest,
  decodeExtraData,
  encodeExtraData,
  type QbftExtraData,
  qbftBlockHash,
  qbftQuorum,
  verifyCommittedSeals,
} from "../../protocol/qbft.ts";
import { decodeRlp, encodeRlp, type RlpItem } from "../../protocol/rlp.ts";

/** What `besu rlp encode --type=QBFT_EXTRA_DATA` gives for these validators, in this order. */
const BESU_VALIDATORS: Hex[] = [
  "0x4592c8e45706cc08b8f44b11e43cba0cfc5892cb",
  "0x06e23768a0f59cf365e18c2e0c89e151bcdedc70",
  "0xc5327f96ee02d7bcbc1bf1236b8c15148971e1de",
  "0xab5e7f4061c605820d3744227eed91ff8e2c8908",
];
const BESU_EXTRA =
  "0xf87aa00000000000000000000000000000000000000000000000000000000000000000f854944592c8e45706cc08b8f44b11e43cba0cfc5892cb9406e23768a0f59cf365e18c2e0c89e151bcdedc7094c5327f96ee02d7bcbc1bf1236b8c15148971e1de94ab5e7f4061c605820d3744227eed91ff8e2c8908c080c0";
const BESU_EMPTY = "0xe5a00000000000000000000000000000000000000000000000000000000000000000c0c080c0";
const EMPTY: QbftExtraData = { vanity: new Uint8Array(32), validators: [], vote: null, round: 0, seals: [] };

const KEYS = Array.from({ length: 5 }, (_, i) => new Uint8Array(32).fill(i + 1));
const addressOf = (key: Uint8Array): Hex => addressOfPublicKey(secp256k1.getPublicKey(key, false));
const VALIDATORS = KEYS.slice(0, 4).map(addressOf).sort();
const word = (fill: string): Hex => `0x${fill.repeat(32)}`;

const BASE: BlockHeaderFields = {
  parentHash: word("01"),
  sha3Uncles: word("02"),
  miner: `0x${"03".repeat(20)}`,
  stateRoot: word("04"),
  transactionsRoot: word("05"),
  receiptsRoot: word("06"),
  logsBloom: `0x${"00".repeat(256)}`,
  difficulty: 1n,
  number: 1_000n,
  gasLimit: "0x1fffffffffffff",
  gasUsed: "0x0",
  timestamp: 1_760_000_000n,
  extraData: BESU_EMPTY,
  mixHash: "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365",
  nonce: "0x0000000000000000",
  baseFeePerGas: 0n,
};

function withExtra(header: BlockHeaderFields, extra: Partial<QbftExtraData>): BlockHeaderFields {
  return {
    ...header,
    extraData: bytesToHex(encodeExtraData({ ...EMPTY, validators: VALIDATORS, ...extra })),
  };
}

function seal(header: BlockHeaderFields, key: Uint8Array): Uint8Array {
  const signature = secp256k1.sign(committedSealDigest(header), key, { prehash: false, format: "recovered" });
  return concatBytes(signature.subarray(1), signature.subarray(0, 1));
}

function sealed(keys: readonly Uint8Array[], round = 0, base = BASE): BlockHeaderFields {
  const unsealed = withExtra(base, { round });
  return withExtra(base, { round, seals: keys.map((key) => seal(unsealed, key)) });
}

describe("QBFT extra data", () => {
  test("is encoded as Besu does", () => {
    assert.equal(bytesToHex(encodeExtraData({ ...EMPTY, validators: BESU_VALIDATORS })), BESU_EXTRA);
    assert.equal(bytesToHex(encodeExtraData(EMPTY)), BESU_EMPTY);
    assert.deepEqual(decodeExtraData(hexToBytes(BESU_EXTRA)).validators, BESU_VALIDATORS);
    assert.deepEqual(decodeExtraData(hexToBytes(BESU_EMPTY)), EMPTY);
  });

  test("survives both ways, votes, rounds and seals included", () => {
    const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex);
    const extra = fc.record({
      vanity: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes)),
      validators: fc.array(address, { maxLength: 7 }),
      vote: fc.option(fc.record({ recipient: address, add: fc.boolean() })),
      round: fc.nat(2 ** 31 - 1),
      seals: fc.array(
        fc.uint8Array({ minLength: 65, maxLength: 65 }).map((bytes) => Uint8Array.from(bytes)),
        { maxLength: 7 },
      ),
    });
    fc.assert(
      fc.property(extra, (value) => {
        const decoded = decodeExtraData(encodeExtraData(value));
        assert.deepEqual(
          { ...decoded, vote: decoded.vote && { ...decoded.vote } },
          {
            ...value,
            vote: value.vote && { ...value.vote },
          },
        );
      }),
    );
  });

  test("is refused where it isn't QBFT's", () => {
    const items = (change: (parts: RlpItem[]) => void) => {
      const parts: RlpItem[] = [new Uint8Array(32), [], [], new Uint8Array(0), []];
      change(parts);
      return encodeRlp(parts);
    };
    const bad = [
      encodeRlp(new Uint8Array(32)),
      items((parts) => parts.pop()),
      items((parts) => parts.push([])),
      items((parts) => (parts[0] = new Uint8Array(31))),
      items((parts) => (parts[1] = new Uint8Array(20))),
      items((parts) => (parts[1] = [new Uint8Array(19)])),
      items((parts) => (parts[2] = [new Uint8Array(20)])),
      items((parts) => (parts[2] = [new Uint8Array(20), Uint8Array.of(1)])),
      items((parts) => (parts[3] = Uint8Array.of(0, 1))),
      items((parts) => (parts[3] = new Uint8Array(5).fill(1))),
      items((parts) => (parts[3] = [])),
      items((parts) => (parts[4] = [new Uint8Array(64)])),
    ];
    for (const bytes of bad) {
      assert.throws(
        () => decodeExtraData(bytes),
        (error) => isStemmaError(error, "EXTRA_DATA_MALFORMED"),
        bytesToHex(bytes),
      );
    }
    for (const hex of ["0x", "0xc0c0", "0xf87a", `${BESU_EMPTY}00`, "0x8100", "0xb800"]) {
      assert.throws(
        () => decodeExtraData(hexToBytes(hex)),
        (error) => isStemmaError(error, "RLP_MALFORMED"),
        hex,
      );
    }
  });
});

describe("QBFT header", () => {
  test("has three hashes: as returned, of the block, and the one that is sealed", () => {
    const header = sealed(KEYS.slice(0, 3), 2);
    const asReturned = bytesToHex(keccak256(encodeRlp(headerItems(header, hexToBytes(header.extraData)))));
    const digest = bytesToHex(committedSealDigest(header));
    const hash = qbftBlockHash(header);
    assert.equal(new Set([asReturned, digest, hash]).size, 3);
    // Each is the plain hash of the header with that extra data.
    const plain = (extra: Partial<QbftExtraData>) =>
      bytesToHex(keccak256(encodeRlp(headerItems(header, hexToBytes(withExtra(header, extra).extraData)))));
    assert.equal(digest, plain({ round: 2 }));
    assert.equal(hash, plain({ round: 0 }));
    // Neither seals nor round change the block's hash; the round changes what is sealed.
    assert.equal(qbftBlockHash(sealed(KEYS.slice(1, 4), 0)), hash);
    assert.notEqual(bytesToHex(committedSealDigest(sealed([], 1))), digest);
  });

  test("is encoded field by field as its fork has them", () => {
    const forks: Partial<BlockHeaderFields>[] = [
      { baseFeePerGas: undefined },
      { baseFeePerGas: 7n },
      { withdrawalsRoot: word("08") },
      { blobGasUsed: 0n, excessBlobGas: "0x20000", parentBeaconBlockRoot: word("09") },
      { requestsHash: word("0a") },
    ];
    let header: BlockHeaderFields = BASE;
    const lengths = forks.map((fork) => {
      header = { ...header, ...fork };
      return headerItems(header, hexToBytes(header.extraData)).length;
    });
    assert.deepEqual(lengths, [15, 16, 17, 20, 21]);
    const items = headerItems(header, hexToBytes(header.extraData));
    const asHex = items.map((item) => (item instanceof Uint8Array ? bytesToHex(item) : []));
    assert.deepEqual(asHex.slice(7, 12), ["0x01", "0x03e8", "0x1fffffffffffff", "0x", "0x68e77800"]);
    assert.deepEqual(asHex.slice(15), ["0x07", word("08"), "0x", "0x020000", word("09"), word("0a")]);
    assert.equal(bytesToHex(encodeRlp(items)), ethersRlp(asHex));
  });

  test("hashes as a known mainnet header does", () => {
    // Block 0 of Ethereum: no seals in it, so its plain hash shows that the order of the fields is right.
    const genesis: BlockHeaderFields = {
      parentHash: word("00"),
      sha3Uncles: "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
      miner: `0x${"00".repeat(20)}`,
      stateRoot: "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
      transactionsRoot: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
      receiptsRoot: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
      logsBloom: `0x${"00".repeat(256)}`,
      difficulty: 17_179_869_184n,
      number: "0x0",
      gasLimit: 5_000n,
      gasUsed: 0n,
      timestamp: 0n,
      extraData: "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
      mixHash: word("00"),
      nonce: "0x0000000000000042",
    };
    assert.equal(
      bytesToHex(keccak256(encodeRlp(headerItems(genesis, hexToBytes(genesis.extraData))))),
      "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    );
  });

  test("is refused by the field at fault", () => {
    for (const [change, name] of [
      [{ parentHash: "0x12" }, "INVALID_HEX"],
      [{ logsBloom: "0x00" }, "INVALID_HEX"],
      [{ number: -1n }, "INVALID_NUMBER"],
      [{ gasUsed: "0xzz" }, "INVALID_HEX"],
    ] as const) {
      assert.throws(
        () => qbftBlockHash({ ...BASE, ...change }),
        (error) => isStemmaError(error) && error.name === name,
      );
    }
  });
});

describe("commit seals", () => {
  test("make a block final from the quorum on", () => {
    for (let count = 0; count <= 4; count++) {
      const verdict = verifyCommittedSeals(sealed(KEYS.slice(0, count), 3), VALIDATORS);
      assert.deepEqual(verdict, { ok: count >= 3, signers: KEYS.slice(0, count).map(addressOf), quorum: 3 });
    }
    const checksummed = VALIDATORS.map((validator): Hex => `0x${validator.slice(2).toUpperCase()}`);
    assert.ok(verifyCommittedSeals(sealed(KEYS.slice(0, 3)), checksummed).ok);
  });

  test("count only for validators, each once, and for this very header", () => {
    const [one, two, three, , stranger] = KEYS;
    assert.ok(one && two && three && stranger);
    const isFinal = (header: BlockHeaderFields) => verifyCommittedSeals(header, VALIDATORS).ok;
    assert.equal(isFinal(sealed([one, two, stranger])), false);
    assert.equal(isFinal(sealed([one, two, three, stranger])), false);
    assert.equal(isFinal(sealed([one, two, two])), false);
    assert.equal(isFinal(sealed([one, one, two, three])), false);
    assert.equal(isFinal({ ...sealed([one, two, three]), stateRoot: word("99") }), false);
    assert.equal(isFinal({ ...sealed([one, two, three]), number: 1_001n }), false);
    // The same seals under another round.
    const { seals } = decodeExtraData(hexToBytes(sealed([one, two, three], 1).extraData));
    assert.equal(isFinal(withExtra(BASE, { round: 2, seals })), false);
    assert.equal(isFinal(withExtra(BASE, { round: 1, seals })), true);
    assert.equal(verifyCommittedSeals(sealed([]), []).ok, false);
  });

  test("that nobody can have made are refused, not thrown at", () => {
    const good = decodeExtraData(hexToBytes(sealed(KEYS.slice(0, 3)).extraData)).seals;
    const broken = [
      new Uint8Array(65),
      new Uint8Array(65).fill(0xff),
      concatBytes(good[0]?.subarray(0, 64) ?? new Uint8Array(0), Uint8Array.of(2)),
      concatBytes(new Uint8Array(32), good[0]?.subarray(32) ?? new Uint8Array(0)),
    ];
    for (const bad of broken) {
      const verdict = verifyCommittedSeals(withExtra(BASE, { seals: [...good, bad] }), VALIDATORS);
      assert.equal(verdict.ok, false);
      assert.equal(verdict.signers.length, 3);
    }
  });

  test("hold over the fields of every fork", () => {
    const prague: BlockHeaderFields = {
      ...BASE,
      withdrawalsRoot: word("08"),
      blobGasUsed: 0n,
      excessBlobGas: 0n,
      parentBeaconBlockRoot: word("09"),
      requestsHash: word("0a"),
    };
    const header = sealed(KEYS.slice(0, 3), 0, prague);
    assert.ok(verifyCommittedSeals(header, VALIDATORS).ok);
    assert.equal(verifyCommittedSeals({ ...header, requestsHash: null }, VALIDATORS).ok, false);
  });

  test("the quorum is two thirds, rounded up", () => {
    const quorums = { 1: 1, 2: 2, 3: 2, 4: 3, 5: 4, 6: 4, 7: 5, 10: 7 };
    for (const [validators, quorum] of Object.entries(quorums))
      assert.equal(qbftQuorum(Number(validators)), quorum);
  });
});

describe("RLP", () => {
  test("is ethers', both ways", () => {
    const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
      item: fc.oneof(
        { maxDepth: 4 },
        fc.uint8Array({ maxLength: 70 }).map((bytes) => Uint8Array.from(bytes)),
        fc.array(tie("item"), { maxLength: 5 }),
      ),
    }));
    type Nested = string | Nested[];
    const nested = (value: RlpItem): Nested =>
      value instanceof Uint8Array ? bytesToHex(value) : value.map(nested);
    fc.assert(
      fc.property(item, (value) => {
        const encoded = encodeRlp(value);
        assert.equal(bytesToHex(encoded), ethersRlp(nested(value)));
        assert.deepEqual(nested(decodeRlp(encoded)), nested(value));
      }),
    );
  });

  test("any bytes are decoded to what encodes to them, or refused by name", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        let item: RlpItem;
        try {
          item = decodeRlp(bytes);
        } catch (error) {
          assert.ok(isStemmaError(error, "RLP_MALFORMED"));
          return;
        }
        assert.equal(bytesToHex(encodeRlp(item)), bytesToHex(bytes));
      }),
      { numRuns: 2_000 },
    );
    assert.throws(
      () => decodeRlp(new Uint8Array(100).fill(0xc1)),
      (error) => isStemmaError(error, "RLP_MALFORMED"),
    );
  });
});
