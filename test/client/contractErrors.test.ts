import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AbiParameter, encodeErrorResult, encodeFunctionData, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { PreparedRecord, StemmaClient } from "../../client/index.ts";
import {
  contractError,
  contractErrorName,
  contractErrorsAbi,
} from "../../client/transaction/contractErrors.ts";
import { transact } from "../../client/transaction/transact.ts";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { nameHash, namespaceId } from "../../protocol/dataset.ts";
import { errorTable } from "../../protocol/errorTable.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { parentsHash } from "../../protocol/parents.ts";
import { type ProvenanceRecord, recordHash } from "../../protocol/record.ts";
import { type ClientSetup, digest, setUpClient } from "./setup.ts";

const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

describe("custom errors of the contracts, by their ABI", () => {
  for (const item of contractErrorsAbi) {
    if (item.type !== "error") continue;
    it(`${item.name} is a coded error that carries the contract's values`, () => {
      const name = contractErrorName(item.name);
      assert.ok(Object.hasOwn(errorTable, name), `${name} is not in the error table`);
      const args = item.inputs.map(sampleValue);
      const error = contractError(encodeErrorResult({ abi: [item], errorName: item.name, args }));
      assert.equal(error.name, name);
      assert.deepEqual(
        Object.keys(error.values),
        item.inputs.map((input) => input.name),
      );
      assert.ok(!error.message.includes("undefined"), error.message);
      assert.ok(error.advice.length > 0);
    });
  }

  it("takes an error that isn't ours for what it is", () => {
    assert.equal(contractError("0xdeadbeef").name, "CONTRACT_ERROR_UNKNOWN");
    const text = encodeErrorResult({
      abi: [{ type: "error", name: "Error", inputs: [{ name: "message", type: "string" }] }],
      errorName: "Error",
      args: ["somebody else's reason"],
    });
    assert.match(String(contractError(text).values.data), /somebody else's reason/);
  });
});

describe("custom errors of the contracts, from a chain", () => {
  let setup: ClientSetup;
  let owner: StemmaClient;
  let stranger: StemmaClient;
  let head: PreparedRecord;
  let foreign: PreparedRecord;
  const seen = new Set<string>();

  before(async () => {
    setup = await setUpClient();
    owner = setup.clientOf(0);
    stranger = setup.clientOf(3);
    await owner.registerNamespace({ namespace: "errors" });
    head = await owner.prepareRecord({
      namespace: "errors",
      name: "d",
      dataHash: digest("d"),
      operation: "CREATE",
    });
    foreign = await owner.prepareRecord({
      namespace: "errors",
      name: "f",
      dataHash: digest("f"),
      operation: "CREATE",
    });
    await owner.submitBatch({ records: [head, foreign] });
  });
  after(() => setup?.chain.stop());

  /** A record on top of `head`, changed as told, with the hash that belongs to it. */
  async function changed(
    change: Partial<ProvenanceRecord>,
    parents: readonly Hex[] = [],
  ): Promise<PreparedRecord> {
    const prepared = await owner.prepareRecord({
      dataId: head.record.dataId,
      dataHash: digest("next"),
      operation: "TRANSFORM",
    });
    const record = { ...prepared.record, parentsHash: parentsHash([]), ...change };
    return { record, parents, start: null, recordHash: recordHash(await owner.connection.domain(), record) };
  }

  const submit = async (record: Promise<PreparedRecord>) => owner.submitRecord(await record);
  const call = (client: StemmaClient, to: Hex, data: Hex) =>
    transact(client.connection, { action: "test", to, data });
  const anchorCall = (functionName: "anchor" | "raiseEpoch", account: number, args: readonly unknown[]) =>
    call(
      setup.clientOf(account),
      setup.deployed.anchor,
      encodeFunctionData({ abi: checkpointAnchorAbi, functionName, args } as never),
    );
  const registerLog = (client: StemmaClient, origin: string, operator: Hex) =>
    call(
      client,
      setup.deployed.anchor,
      encodeFunctionData({ abi: checkpointAnchorAbi, functionName: "registerLog", args: [origin, operator] }),
    );
  const pause = (functionName: "pause" | "unpause", client = owner) =>
    call(client, setup.deployed.registry, encodeFunctionData({ abi: provenanceRegistryAbi, functionName }));
  const dataId = () => head.record.dataId;
  const logId = () => setup.deployed.logId;
  const root = digest("root");

  const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["PROVENANCE_NAMESPACE_INVALID", () => owner.registerNamespace({ namespace: "" })],
    ["PROVENANCE_NAMESPACE_TAKEN", () => stranger.registerNamespace({ namespace: "errors" })],
    [
      "PROVENANCE_NAMESPACE_UNKNOWN",
      () => owner.startDataset({ namespace: "nowhere", name: "x", dataHash: digest("x") }),
    ],
    ["PROVENANCE_DATASET_UNKNOWN", () => submit(changed({ dataId: digest("unknown") }))],
    [
      "PROVENANCE_DATASET_MISMATCH",
      async () =>
        owner.submitRecord({
          ...(await changed({ dataId: digest("other") })),
          start: { namespaceId: namespaceId("errors"), nameHash: nameHash("z"), name: "z" },
        }),
    ],
    [
      "PROVENANCE_DATASET_START_UNEXPECTED",
      async () => owner.submitRecord({ ...(await changed({})), start: head.start }),
    ],
    [
      "PROVENANCE_NAME_MISMATCH",
      async () => {
        const fresh = await owner.prepareRecord({
          namespace: "errors",
          name: "fresh",
          dataHash: digest("f"),
          operation: "CREATE",
        });
        assert.ok(fresh.start);
        return owner.submitRecord({ ...fresh, start: { ...fresh.start, name: "another" } });
      },
    ],
    ["PROVENANCE_NOT_OWNER", () => stranger.transferDataset({ dataId: dataId(), to: setup.addressOf(3) })],
    ["PROVENANCE_NOT_PENDING_OWNER", () => stranger.acceptDataset({ dataId: dataId() })],
    ["PROVENANCE_NOT_WRITER", async () => stranger.submitRecord(await changed({}))],
    [
      "PROVENANCE_ZERO_ADDRESS",
      () => owner.setDatasetWriter({ dataId: dataId(), writer: ZERO_ADDRESS, allowed: true }),
    ],
    ["PROVENANCE_ZERO_DATA_HASH", () => submit(changed({ dataHash: ZERO_HASH }))],
    ["PROVENANCE_WRONG_DATA_OWNER", () => submit(changed({ dataOwner: setup.addressOf(3) }))],
    ["PROVENANCE_STALE_HEAD", () => submit(changed({ previousHash: digest("stale") }))],
    ["PROVENANCE_RECORD_EXISTS", () => owner.submitRecord({ ...head, start: null })],
    [
      "PROVENANCE_RECORD_UNKNOWN",
      () =>
        owner.endorse({
          dataId: dataId(),
          recordHash: digest("?"),
          endorsements: [{ validator: setup.addressOf(1), signature: "0x" }],
        }),
    ],
    [
      "PROVENANCE_PARENT_UNKNOWN",
      () => submit(changed({ parentsHash: parentsHash([digest("?")]) }, [digest("?")])),
    ],
    [
      "PROVENANCE_PARENTS_NOT_ASCENDING",
      async () => {
        const { concatHex, keccak256 } = await import("viem");
        const parents = [head.recordHash, foreign.recordHash].sort().reverse() as Hex[];
        return submit(changed({ parentsHash: keccak256(concatHex(parents)) }, parents));
      },
    ],
    [
      "PROVENANCE_TOO_MANY_PARENTS",
      () => {
        const parents = Array.from({ length: 65 }, (_, i) => toHex(i + 1, { size: 32 }));
        return submit(changed({ parentsHash: parentsHash(parents) }, parents));
      },
    ],
    ["PROVENANCE_PARENTS_HASH_MISMATCH", () => submit(changed({}, [head.recordHash]))],
    ["PROVENANCE_OPERATION_INVALID", () => submit(changed({ operation: digest("no name") }))],
    ["PROVENANCE_TIMESTAMP_IN_FUTURE", () => submit(changed({ timestamp: 1n << 40n }))],
    ["PROVENANCE_TIMESTAMP_ZERO", () => submit(changed({ timestamp: 0n }))],
    [
      "PROVENANCE_SIGNATURE_MISSING",
      async () =>
        stranger.submitSigned({ ...(await changed({})), agent: setup.addressOf(0), signature: "0x" }),
    ],
    [
      "PROVENANCE_SIGNATURE_INVALID",
      async () =>
        stranger.submitSigned({
          ...(await stranger.signRecord(await changed({}))),
          agent: setup.addressOf(0),
        }),
    ],
    [
      "PROVENANCE_SIGNATURE_TOO_LONG",
      async () =>
        stranger.submitSigned({
          ...(await changed({})),
          agent: setup.addressOf(0),
          signature: `0x${"11".repeat(1025)}`,
        }),
    ],
    [
      "PROVENANCE_SUPERSEDE_TARGET_MISSING",
      () =>
        owner.startDataset({ namespace: "errors", name: "s", dataHash: digest("s"), operation: "REVOKE" }),
    ],
    [
      "PROVENANCE_SUPERSEDE_FOREIGN_RECORD",
      () =>
        submit(
          changed({ operation: encodeOperation("REVOKE"), parentsHash: parentsHash([foreign.recordHash]) }, [
            foreign.recordHash,
          ]),
        ),
    ],
    [
      "PROVENANCE_RECORD_NOT_IN_DATASET",
      () =>
        owner.recordAccesses({
          reports: [
            { dataId: dataId(), recordHash: foreign.recordHash, reader: digest("r"), purpose: "AUDIT" },
          ],
        }),
    ],
    ["PROVENANCE_BATCH_EMPTY", () => owner.recordAccesses({ reports: [] })],
    [
      "PROVENANCE_BATCH_TOO_LARGE",
      () => {
        const report = {
          dataId: dataId(),
          recordHash: head.recordHash,
          reader: digest("r"),
          purpose: "AUDIT",
        };
        return owner.recordAccesses({ reports: Array.from({ length: 257 }, () => report) });
      },
    ],
    [
      "PROVENANCE_POLICY_INVALID",
      () => owner.setEndorsementPolicy({ dataId: dataId(), validators: [], threshold: 1n }),
    ],
    [
      "PROVENANCE_POLICY_DUPLICATE",
      () =>
        owner.setEndorsementPolicy({
          dataId: dataId(),
          validators: [setup.addressOf(1), setup.addressOf(1)],
          threshold: 1n,
        }),
    ],
    ["PROVENANCE_POLICY_NONE", () => endorseHead(1)],
    [
      "PROVENANCE_VALIDATOR_UNKNOWN",
      async () => {
        await owner.setEndorsementPolicy({
          dataId: dataId(),
          validators: [setup.addressOf(1)],
          threshold: 1n,
        });
        await submit(changed({}));
        return endorseHead(2);
      },
    ],
    [
      "PROVENANCE_VALIDATOR_DUPLICATE",
      async () => {
        await endorseHead(1);
        return endorseHead(1);
      },
    ],
    ["ACCESS_MANAGED_UNAUTHORIZED", () => pause("pause", stranger)],
    ["EXPECTED_PAUSE", () => pause("unpause")],
    [
      "ENFORCED_PAUSE",
      async () => {
        await pause("pause");
        try {
          await owner.registerNamespace({ namespace: "paused" });
        } finally {
          await pause("unpause");
        }
      },
    ],
    ["ANCHOR_LOG_EXISTS", () => registerLog(owner, setup.deployed.origin, setup.addressOf(1))],
    ["ANCHOR_LOG_UNKNOWN", () => anchorCall("raiseEpoch", 1, [digest("no log"), 1n])],
    ["ANCHOR_ORIGIN_INVALID", () => registerLog(owner, "", setup.addressOf(1))],
    ["ANCHOR_ZERO_OPERATOR", () => registerLog(owner, "example.com/log", ZERO_ADDRESS)],
    ["ANCHOR_ZERO_ROOT", () => anchorCall("anchor", 1, [logId(), 2n, 4n, ZERO_HASH, []])],
    ["ANCHOR_NOT_OPERATOR", () => anchorCall("anchor", 3, [logId(), 2n, 4n, root, []])],
    [
      "ANCHOR_EPOCH_TOO_LOW",
      async () => {
        await anchorCall("anchor", 1, [logId(), 2n, 4n, root, []]);
        return anchorCall("raiseEpoch", 1, [logId(), 1n]);
      },
    ],
    ["ANCHOR_SIZE_NOT_GREATER", () => anchorCall("anchor", 1, [logId(), 2n, 3n, root, []])],
    ["ANCHOR_ROOT_CONFLICT", () => anchorCall("anchor", 1, [logId(), 2n, 4n, digest("another"), []])],
    ["ANCHOR_INCONSISTENT", () => anchorCall("anchor", 1, [logId(), 2n, 5n, root, [root]])],
  ];

  async function endorseHead(account: number): Promise<unknown> {
    const hash = await owner.getLatestHash({ dataId: dataId() });
    const endorsement = await owner.signEndorsement({
      recordHash: hash,
      account: privateKeyToAccount(setup.chain.accounts[account]?.privateKey ?? "0x"),
    });
    return stranger.endorse({ dataId: dataId(), recordHash: hash, endorsements: [endorsement] });
  }

  for (const [name, act] of cases) {
    it(`answers ${name}`, async () => {
      await assert.rejects(act, { name });
      seen.add(name);
    });
  }

  it("was refused with every error that an account can bring about", () => {
    // Not reachable from outside: raised in constructors, or with delayed roles that no deployment of Stemma grants.
    const unreachable = new Set([
      "ACCESS_MANAGED_REQUIRED_DELAY",
      "ACCESS_MANAGED_INVALID_AUTHORITY",
      "INVALID_SHORT_STRING",
      "STRING_TOO_LONG",
    ]);
    const all = contractErrorsAbi.flatMap((item) =>
      item.type === "error" ? [contractErrorName(item.name)] : [],
    );
    assert.deepEqual(
      [...new Set(all)].filter((name) => !seen.has(name) && !unreachable.has(name)),
      [],
    );
  });
});

function sampleValue(parameter: AbiParameter, index: number): unknown {
  if (parameter.type === "address") return toHex(index + 1, { size: 20 });
  if (parameter.type === "bytes32") return toHex(index + 1, { size: 32 });
  if (parameter.type === "string") return `text ${index}`;
  return parameter.type === "uint32" ? index + 7 : BigInt(index + 7);
}
