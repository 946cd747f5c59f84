import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createPublicClient, http } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { hardhat } from "viem/chains";
import { createStemmaClient, type PreparedRecord, type StemmaClient } from "../../client/index.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { errorTable } from "../../protocol/errorTable.ts";
import { parentsHash } from "../../protocol/parents.ts";
import { type ProvenanceRecord, recordHash, recordTypedData } from "../../protocol/record.ts";
import { type ClientSetup, digest, setUpClient } from "./setup.ts";

/** Unix time far in the future. */
const FAR = 1n << 40n;

describe("bad input, through the client", { timeout: 60_000 }, () => {
  let setup: ClientSetup;
  let owner: StemmaClient;
  let relayer: StemmaClient;
  let agent: PrivateKeyAccount;
  let dataId: Hex;
  let replayed: Awaited<ReturnType<StemmaClient["signRecord"]>>;

  before(async () => {
    setup = await setUpClient();
    owner = setup.clientOf(0);
    relayer = setup.clientOf(3);
    agent = privateKeyToAccount(setup.chain.accounts[0]?.privateKey ?? "0x");
    await owner.registerNamespace({ namespace: "bad" });
    const first = await owner.startDataset({ namespace: "bad", name: "input", dataHash: digest("one") });
    dataId = first.dataId;
    replayed = await owner.signRecord(await next());
    await relayer.submitSigned(replayed);
  });
  after(() => setup?.chain.stop());

  /** A good next record of the dataset, changed as told. */
  async function next(change: Partial<ProvenanceRecord> = {}, parents: readonly Hex[] = []) {
    const prepared = await owner.prepareRecord({ dataId, dataHash: digest("next"), operation: "TRANSFORM" });
    const record = { ...prepared.record, parentsHash: parentsHash(parents), ...change };
    const hash = recordHash(await owner.connection.domain(), record);
    return { record, parents, start: null, recordHash: hash } satisfies PreparedRecord;
  }

  const withOperation = (operation: string) =>
    owner.prepareRecord({ dataId, dataHash: digest("next"), operation });
  const signedBy = async (signature: Hex) => ({
    ...(await next()),
    agent: setup.addressOf(0),
    signature,
  });

  /** Everything of the registry that a record could change. */
  async function registryState() {
    const { rpcUrl } = setup.chain;
    const logs = await createPublicClient({ chain: hardhat, transport: http(rpcUrl) }).getLogs({
      address: setup.deployed.registry,
      fromBlock: 0n,
    });
    return {
      head: await owner.getLatestHash({ dataId }),
      length: await owner.lineageLength({ dataId }),
      logs: logs.length,
    };
  }

  const cases: readonly (readonly [
    what: string,
    name: keyof typeof errorTable,
    act: () => Promise<unknown>,
  ])[] = [
    ["a malformed hash", "INVALID_HEX", async () => owner.submitRecord(await next({ dataHash: "0x12" }))],
    ["a malformed operation", "INVALID_OPERATION", () => withOperation("no name")],
    [
      "a malformed operation, past the client's check",
      "PROVENANCE_OPERATION_INVALID",
      async () => owner.submitRecord(await next({ operation: digest("no name") })),
    ],
    ["an oversized operation", "INVALID_OPERATION", () => withOperation("X".repeat(32))],
    [
      "an oversized signature",
      "PROVENANCE_SIGNATURE_TOO_LONG",
      async () => relayer.submitSigned(await signedBy(`0x${"11".repeat(1025)}`)),
    ],
    [
      "an oversized namespace",
      "PROVENANCE_NAMESPACE_INVALID",
      () => owner.registerNamespace({ namespace: "n".repeat(5000) }),
    ],
    [
      "an unsigned record of somebody else",
      "PROVENANCE_SIGNATURE_MISSING",
      async () => relayer.submitSigned(await signedBy("0x")),
    ],
    [
      "a record signed by somebody else",
      "PROVENANCE_SIGNATURE_INVALID",
      async () =>
        relayer.submitSigned({ ...(await relayer.signRecord(await next())), agent: setup.addressOf(0) }),
    ],
    [
      "a signature over another record",
      "PROVENANCE_SIGNATURE_INVALID",
      async () => relayer.submitSigned(await signedBy(replayed.signature)),
    ],
    ["a replayed record", "PROVENANCE_RECORD_EXISTS", () => relayer.submitSigned(replayed)],
    [
      "a stale record",
      "PROVENANCE_STALE_HEAD",
      async () => owner.submitRecord(await next({ previousHash: digest("stale") })),
    ],
    [
      "a record that is its own parent",
      "PROVENANCE_PARENT_UNKNOWN",
      async () => {
        const { record, recordHash: self } = await next();
        return owner.submitRecord(await next({ ...record, parentsHash: parentsHash([self]) }, [self]));
      },
    ],
    [
      "a record with a parent that comes later in its batch",
      "PROVENANCE_PARENT_UNKNOWN",
      async () => {
        const child = await next();
        const late = await next({ previousHash: child.recordHash, dataHash: digest("late") });
        const early = await next({}, [late.recordHash]);
        return owner.submitBatch({ records: [early, late] });
      },
    ],
    [
      "an unknown parent",
      "PROVENANCE_PARENT_UNKNOWN",
      async () => owner.submitRecord(await next({}, [digest("nowhere")])),
    ],
    [
      "a timestamp in the future",
      "PROVENANCE_TIMESTAMP_IN_FUTURE",
      async () => owner.submitRecord(await next({ timestamp: FAR })),
    ],
    [
      "too many parents",
      "PROVENANCE_TOO_MANY_PARENTS",
      async () => {
        const parents = Array.from({ length: 65 }, (_, index) => digest(String(index))).sort();
        return owner.submitRecord(await next({}, parents));
      },
    ],
    [
      "a signature for another chain",
      "PROVENANCE_SIGNATURE_INVALID",
      async () => {
        const prepared = await next();
        const domain = { ...(await owner.connection.domain()), chainId: 1n };
        const signature = await agent.signTypedData(recordTypedData(domain, prepared.record));
        return relayer.submitSigned({ ...prepared, agent: setup.addressOf(0), signature });
      },
    ],
    [
      "a deployment of another chain",
      "WRONG_CHAIN",
      async () =>
        createStemmaClient({
          rpcUrl: setup.chain.rpcUrl,
          deployment: { ...setup.deployed.deployment, chainId: 1n },
          account: agent,
        }).submitRecord(await next()),
    ],
    [
      "a batch of which one record is bad",
      "PROVENANCE_ZERO_DATA_HASH",
      async () => {
        const good = await next();
        const bad = await next({ previousHash: good.recordHash, dataHash: ZERO_HASH });
        return owner.submitBatch({ records: [good, bad] });
      },
    ],
  ];

  for (const [what, name, act] of cases) {
    it(`refuses ${what} with ${name}, and nothing is written`, async () => {
      const before = await registryState();
      await assert.rejects(act, (error) => {
        assert.ok(isStemmaError(error), String(error));
        assert.equal(error.name, name);
        assert.equal(error.code, errorTable[name].code);
        return true;
      });
      assert.deepEqual(await registryState(), before);
    });
  }

  it("takes the good record afterwards", async () => {
    const { length } = await registryState();
    await owner.submitRecord(await next());
    assert.equal((await registryState()).length, length + 1n);
  });
});
