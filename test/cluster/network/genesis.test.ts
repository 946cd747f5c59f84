import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { besuGenesis } from "../../../cluster/network/genesis/besuGenesis.ts";
import { genesisHash } from "../../../cluster/network/genesis/genesis.ts";
import { gethGenesis } from "../../../cluster/network/genesis/gethGenesis.ts";
import { stateRoot } from "../../../cluster/network/genesis/stateRoot.ts";
import { SYSTEM_CONTRACTS } from "../../../cluster/network/genesis/systemContracts.ts";
import { parseSpec } from "../../../cluster/spec/readSpec.ts";
import { bytesToHex, type Hex, hexToBytes } from "../../../protocol/bytes.ts";
import { keccak256 } from "../../../protocol/hash.ts";
import { decodeExtraData } from "../../../protocol/qbft.ts";

/** From the EIPs: where each contract stands, and what its code is. */
const CONTRACTS = [
  {
    address: "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02",
    bytes: 97,
    keccak: "0xf57acd40259872606d76197ef052f3d35588dadf919ee1f0e3cb9b62d3f4b02c",
  },
  {
    address: "0x0000F90827F1C53a10cb7A02335B175320002935",
    bytes: 83,
    keccak: "0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d",
  },
  {
    address: "0x00000961Ef480Eb55e80D19ad83579A64c007002",
    bytes: 504,
    keccak: "0x0345a365d2f4c5975b9f1599abe0a2ee76b7a3a731bc68781bd04c84e4858f50",
  },
  {
    address: "0x0000BBdDc7CE488642fb579F8B00f3a590007251",
    bytes: 414,
    keccak: "0x78c6cb5202685228bbcbfb992b1c4e116c7ec5ef11e25b8e92716cfc628ddd60",
  },
  {
    address: "0x4e59b44847b379578588920cA78FbF26c0B4956C",
    bytes: 69,
    keccak: "0x2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989",
  },
];

const VALIDATORS: Hex[] = [
  "0x4592c8e45706cc08b8f44b11e43cba0cfc5892cb",
  "0x06e23768a0f59cf365e18c2e0c89e151bcdedc70",
  "0xc5327f96ee02d7bcbc1bf1236b8c15148971e1de",
  "0xab5e7f4061c605820d3744227eed91ff8e2c8908",
];
const besu = (more = "") => parseSpec(`engine: besu\nnodes: {validator: 4}\n${more}`, "f").spec;
const geth = (more = "") => parseSpec(`engine: geth\nnodes: {validator: 3}\n${more}`, "f").spec;

describe("system contracts", () => {
  test("have the length and the hash that their EIPs give", () => {
    const found = SYSTEM_CONTRACTS.map(({ address, code }) => {
      const bytes = hexToBytes(code);
      return { address, bytes: bytes.length, keccak: bytesToHex(keccak256(bytes)) };
    });
    assert.deepEqual(
      found,
      CONTRACTS.map((contract) => ({ ...contract, address: contract.address.toLowerCase() })),
    );
  });
});

describe("genesis of geth", () => {
  test("activates every fork to Osaka and none after it", () => {
    const { config, ...header } = gethGenesis(geth("chain: {id: 77, gasLimit: 30000000}"));
    const forks = Object.entries(config).filter(([key]) => /(Block|Time)$/.test(key));
    assert.ok(forks.every(([, at]) => at === 0));
    const times = forks.map(([key]) => key).filter((key) => key.endsWith("Time"));
    assert.deepEqual(times, ["shanghaiTime", "cancunTime", "pragueTime", "osakaTime"]);
    assert.ok(forks.some(([key]) => key === "londonBlock"));
    assert.deepEqual([config.chainId, config.terminalTotalDifficulty], [77, 0]);
    assert.deepEqual(config.blobSchedule, {
      cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
      prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
    });
    assert.ok(!("terminalTotalDifficultyPassed" in config) && !("depositContractAddress" in config));
    assert.deepEqual(
      [header.difficulty, header.baseFeePerGas, header.nonce, header.gasLimit, header.timestamp],
      ["0x0", "0x0", "0x0", "0x1c9c380", "0x0"],
    );
  });

  test("holds the system contracts without storage, and the allocations", () => {
    const account = `0x${"Ab".repeat(20)}`;
    const { alloc } = gethGenesis(
      geth(`allocations: [{address: ${account}, balanceWei: 1000000000000000000000}]`),
    );
    for (const { address, code } of SYSTEM_CONTRACTS) {
      assert.deepEqual(alloc[address], { balance: "0x0", nonce: "0x1", code });
    }
    assert.deepEqual(alloc[`0x${"ab".repeat(20)}`], { balance: "0x3635c9adc5dea00000" });
    assert.equal(Object.keys(alloc).length, SYSTEM_CONTRACTS.length + 1);
  });
});

describe("genesis of Besu", () => {
  test("is QBFT's, free of gas, with sorted validators", () => {
    const genesis = besuGenesis(besu("chain: {blockPeriodSeconds: 2}"), VALIDATORS);
    assert.deepEqual(genesis.config.qbft, {
      epochlength: 30000,
      blockperiodseconds: 2,
      requesttimeoutseconds: 4,
    });
    assert.equal(genesis.config.zeroBaseFee, true);
    assert.ok(!("terminalTotalDifficulty" in genesis.config));
    assert.equal(genesis.mixHash, "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365");
    assert.deepEqual([genesis.difficulty, genesis.nonce], ["0x1", "0x0"]);
    const extra = decodeExtraData(hexToBytes(genesis.extraData));
    assert.deepEqual(extra.validators, VALIDATORS.toSorted());
    assert.deepEqual([extra.vote, extra.round, extra.seals, extra.vanity], [null, 0, [], new Uint8Array(32)]);
    // Besu's own encoding of these validators, in this order.
    const sorted = VALIDATORS.toSorted()
      .map((validator) => `94${validator.slice(2)}`)
      .join("");
    assert.equal(genesis.extraData, `0xf87aa0${"00".repeat(32)}f854${sorted}c080c0`);
  });

  test("doesn't depend on the order in which validators are given", () => {
    assert.deepEqual(besuGenesis(besu(), VALIDATORS.toReversed()), besuGenesis(besu(), VALIDATORS));
  });

  test("holds what its fork calls, and no more", () => {
    const names = (fork: string) => {
      const { alloc, config } = besuGenesis(besu(`chain: {fork: ${fork}}`), VALIDATORS);
      const times = Object.keys(config).filter((key) => key.endsWith("Time"));
      return [
        times.at(-1),
        SYSTEM_CONTRACTS.filter(({ address }) => address in alloc).map(({ name }) => name),
      ];
    };
    assert.deepEqual(names("cancun"), ["cancunTime", ["beaconRoots", "create2Factory"]]);
    assert.deepEqual(names("prague"), ["pragueTime", SYSTEM_CONTRACTS.map(({ name }) => name)]);
    assert.deepEqual(names("osaka"), ["osakaTime", SYSTEM_CONTRACTS.map(({ name }) => name)]);
  });

  test("has another hash for other validators, periods left aside", () => {
    const hash = (validators: Hex[], more = "") => genesisHash(besuGenesis(besu(more), validators), "cancun");
    assert.notEqual(hash(VALIDATORS), hash(VALIDATORS.slice(1)));
    assert.equal(hash(VALIDATORS), hash(VALIDATORS, "chain: {blockPeriodSeconds: 2}"));
    assert.notEqual(hash(VALIDATORS), hash(VALIDATORS, "chain: {gasLimit: 30000000}"));
  });
});

describe("the state root", () => {
  test("of no accounts is that of the empty trie", () => {
    assert.equal(stateRoot({}), "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
  });

  test("doesn't depend on the order of accounts, and refuses what is no address", () => {
    const one: Hex = `0x${"01".repeat(20)}`;
    const two: Hex = `0x${"02".repeat(20)}`;
    const [a, b] = [{ balance: "0x1" }, { balance: "0x2" }] as const;
    assert.equal(stateRoot({ [one]: a, [two]: b }), stateRoot({ [two]: b, [one]: a }));
    assert.notEqual(stateRoot({ [one]: a, [two]: b }), stateRoot({ [one]: b, [two]: a }));
    assert.throws(() => stateRoot({ "0x01": a }), { name: "INVALID_HEX" });
  });
});
