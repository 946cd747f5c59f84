import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeFunctionData, getContractAddress, parseAbi } from "viem";
import type { RunningIndexer } from "../../indexer/main.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { errorTable } from "../../protocol/errorTable.ts";
import { readArtifact } from "../helpers/artifact.ts";
import { settled, startWorld, type World } from "../helpers/indexer.ts";
import type { LedgerRecord } from "../helpers/ledger.ts";

const lookAlikeAbi = parseAbi([
  "function emitRecorded(bytes32 dataId, bytes32 recordHash)",
  "function emitMalformed(bytes32 dataId, bytes32 recordHash, bytes data)",
  "function emitWithoutTopics(bytes data)",
]);
const DATA_ID: Hex = `0x${"da".repeat(32)}`;
const RECORD: Hex = `0x${"fe".repeat(32)}`;

describe("logs that are no records", { timeout: 60_000 }, () => {
  let world: World;
  let indexer: RunningIndexer;
  let databaseUrl: string;
  let records: LedgerRecord[];
  let lookAlike: Hex;

  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
    indexer = await world.start(databaseUrl);
    const { deployer, deployerWallet, publicClient } = world.deployment;
    const nonce = await publicClient.getTransactionCount({ address: deployer.address });
    await send({ data: readArtifact("LookAlikeRegistry").bytecode });
    lookAlike = getContractAddress({ from: deployerWallet.account.address, nonce: BigInt(nonce) });
    records = [...(await world.ledger.batch([{ name: "before" }]))];
  });
  after(async () => {
    await indexer?.stop();
    await world?.stop();
  });

  async function send(transaction: { to?: Hex; data: Hex }): Promise<bigint> {
    const { deployerWallet, publicClient } = world.deployment;
    const hash = await deployerWallet.sendTransaction({ ...transaction, gas: 2_000_000n });
    const receipt = await publicClient.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success");
    return receipt.blockNumber;
  }

  const wellFormed = (to: Hex) =>
    send({
      to,
      data: encodeFunctionData({ abi: lookAlikeAbi, functionName: "emitRecorded", args: [DATA_ID, RECORD] }),
    });
  const malformed = (to: Hex) =>
    send({
      to,
      data: encodeFunctionData({
        abi: lookAlikeAbi,
        functionName: "emitMalformed",
        args: [DATA_ID, RECORD, "0xdeadbeef"],
      }),
    });
  const bare = (to: Hex) =>
    send({
      to,
      data: encodeFunctionData({ abi: lookAlikeAbi, functionName: "emitWithoutTopics", args: ["0x"] }),
    });

  async function ask() {
    const document = `{ records(first: 20) { nodes { recordHash state } } _meta { logSize quarantined }
      foreign: record(recordHash: "${RECORD}") { recordHash }
      quarantine { totalCount nodes { reason blockNumber topics data } } }`;
    const response = await fetch(`${indexer.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: document }),
    });
    const { data, errors } = (await response.json()) as {
      data: {
        records: { nodes: { recordHash: Hex; state: string }[] };
        _meta: { logSize: string; quarantined: string };
        foreign: unknown;
        quarantine: {
          totalCount: string;
          nodes: { reason: string; blockNumber: string; topics: Hex[]; data: Hex }[];
        };
      };
      errors?: unknown;
    };
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }

  async function onlyOurs() {
    await settled(databaseUrl, world.deployment);
    const answer = await ask();
    assert.equal(answer.foreign, null);
    assert.deepEqual(
      answer.records.nodes,
      records.map(({ hash }) => ({ recordHash: hash, state: "FINAL" })),
    );
    assert.equal(answer._meta.logSize, String(records.length));
    return answer;
  }

  it("are ignored when another contract emits them", async () => {
    await wellFormed(lookAlike);
    await malformed(lookAlike);
    await bare(lookAlike);
    records.push(await world.ledger.direct({ name: "before" }));
    const answer = await onlyOurs();
    assert.equal(answer.quarantine.totalCount, "0");
  });

  it("are quarantined and shown when they come from the registry's address, and records go on", async () => {
    const { registry, publicClient } = world.deployment;
    const code = await publicClient.getCode({ address: registry });
    const foreignCode = await publicClient.getCode({ address: lookAlike });
    await world.chain.rpc("hardhat_setCode", [registry, foreignCode]);
    const blocks = [await malformed(registry), await bare(registry), await wellFormed(registry)];
    await world.chain.rpc("hardhat_setCode", [registry, code]);
    records.push(await world.ledger.direct({ name: "before" }));

    const answer = await onlyOurs();
    assert.equal(answer._meta.quarantined, "3");
    const { EVENT_MALFORMED, EVENT_INCONSISTENT } = errorTable;
    // The third can be read, but its hash isn't that of its fields.
    const reasons = [EVENT_MALFORMED.code, EVENT_MALFORMED.code, EVENT_INCONSISTENT.code];
    assert.deepEqual(
      answer.quarantine.nodes.map((log) => [log.reason, log.blockNumber]),
      blocks.map((block, index) => [reasons[index], String(block)]),
    );
    const [first, second] = answer.quarantine.nodes;
    assert.deepEqual([first?.data, first?.topics.length], ["0xdeadbeef", 4]);
    assert.deepEqual([second?.data, second?.topics.length], ["0x", 1]);
    const metrics = await (await fetch(`${indexer.url}/metrics`)).text();
    assert.match(metrics, /^stemma_decode_quarantined_total 3$/m);
    assert.equal((await fetch(`${indexer.url}/ready`)).status, 200);
  });
});
