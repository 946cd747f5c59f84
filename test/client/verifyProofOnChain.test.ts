import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { encodeAbiParameters } from "viem";
import { createStemmaClient, type OnChainStepName, verifyProofOnChain } from "../../client/index.ts";
import { bytesToHex, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { signCheckpoint } from "../../protocol/checkpoint.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { encodeLeaf } from "../../protocol/leaf.ts";
import { parseProof, type RecordProof, verifyProof } from "../../protocol/proof.ts";
import { createNoteSigner } from "../../protocol/signedNote.ts";
import { leafHash } from "../../protocol/tree/hash.ts";
import { rootOf } from "../../protocol/tree/tree.ts";
import { type Lie, startLyingNode } from "./lyingNode.ts";
import { anchoredProof, logSeed } from "./proofs.ts";
import { type ClientSetup, digest, setUpClient } from "./setup.ts";

describe("verifying a proof down to the chain", () => {
  let setup: ClientSetup;
  let proof: RecordProof;
  let vkey: string;
  before(async () => {
    setup = await setUpClient();
    ({ proof, vkey } = await anchoredProof(setup));
  });
  after(() => setup?.chain.stop());

  const verify = (given: RecordProof, change: object = {}) =>
    verifyProofOnChain({
      proof: given,
      rpcUrl: setup.chain.rpcUrl,
      anchor: setup.deployed.anchor,
      registry: setup.deployed.registry,
      chainId: setup.deployed.chainId,
      genesisHash: setup.deployed.genesisHash,
      ...change,
    });
  const failed = ({ steps }: { steps: readonly { name: OnChainStepName; ok: boolean }[] }) =>
    steps.filter(({ ok }) => !ok).map(({ name }) => name);

  it("says yes to every step of a true proof, and what had to be trusted", async () => {
    const verdict = await verify(proof, { trust: { vkeys: [vkey] }, origin: setup.deployed.origin });
    assert.deepEqual(failed(verdict), []);
    assert.equal(verdict.ok, true);
    assert.deepEqual(
      verdict.steps.map(({ name }) => name),
      [
        "record",
        "leaf",
        "inclusion",
        "checkpoint",
        "chain",
        "anchor",
        "registry",
        "block",
        "receipt",
        "agent",
        "finality",
      ],
    );
    assert.equal(verdict.finality.kind, "instant");
    assert.equal(verdict.readAt.tag, "latest");
    assert.equal(verdict.trusted.length, 2);
  });

  it("needs no key of the log: the anchored root is trust enough", async () => {
    assert.equal((await verify(proof)).ok, true);
  });

  it("is one call of a client, with its own node and contracts", async () => {
    const client = setup.clientOf(0);
    assert.equal((await client.checkProof({ proof, origin: setup.deployed.origin })).ok, true);
    assert.equal((await client.checkProof({ proof, origin: "example.com/log" })).ok, false);
    const { rpcUrl, registry } = setup.deployed;
    const without = createStemmaClient({ rpcUrl, addresses: { registry } });
    await assert.rejects(without.checkProof({ proof }), { name: "ANCHOR_ADDRESS_MISSING" });
  });

  const other = digest("something else");
  const tampered: readonly (readonly [string, (proof: RecordProof) => RecordProof, OnChainStepName])[] = [
    ["a field of the record", (p) => ({ ...p, record: { ...p.record, dataHash: other } }), "record"],
    ["the time of the record", (p) => ({ ...p, record: { ...p.record, timestamp: "1" } }), "record"],
    ["the parents", (p) => ({ ...p, parents: [other] }), "record"],
    ["the record hash", (p) => ({ ...p, recordHash: other }), "record"],
    ["the chain", (p) => ({ ...p, domain: { ...p.domain, chainId: "1" } }), "record"],
    ["the registry", (p) => ({ ...p, domain: { ...p.domain, registry: setup.deployed.anchor } }), "registry"],
    ["the leaf", (p) => ({ ...p, leaf: { ...p.leaf, hash: other } }), "leaf"],
    [
      "a hash of the path",
      (p) => ({ ...p, inclusion: { ...p.inclusion, path: [other, ...p.inclusion.path.slice(1)] } }),
      "inclusion",
    ],
    [
      "the length of the path",
      (p) => ({ ...p, inclusion: { ...p.inclusion, path: p.inclusion.path.slice(1) } }),
      "inclusion",
    ],
    ["the index", (p) => ({ ...p, inclusion: { ...p.inclusion, index: "1" } }), "inclusion"],
    ["the size", (p) => ({ ...p, inclusion: { ...p.inclusion, size: "6" } }), "inclusion"],
    [
      "the checkpoint's size",
      (p) => ({ ...p, checkpoint: p.checkpoint.replace("\n5\n", "\n6\n") }),
      "checkpoint",
    ],
    [
      "the checkpoint's origin",
      (p) => ({ ...p, checkpoint: p.checkpoint.replace("stemma.local", "stemma.else") }),
      "checkpoint",
    ],
    [
      "the checkpoint's signature",
      (p) => ({ ...p, checkpoint: p.checkpoint.replace(/(\S{8})\n$/, "AAAAAAA=\n") }),
      "checkpoint",
    ],
    ["the anchor's contract", (p) => withAnchor(p, { contract: setup.deployed.registry }), "anchor"],
    ["the anchor's log", (p) => withAnchor(p, { logId: other }), "anchor"],
    ["the anchor's size", (p) => withAnchor(p, { size: "4" }), "anchor"],
    ["the anchor's root", (p) => withAnchor(p, { root: other }), "anchor"],
    ["the anchor's epoch", (p) => withAnchor(p, { epoch: "2" }), "receipt"],
    ["the anchor's transaction", (p) => withAnchor(p, { transactionHash: other }), "receipt"],
    ["the anchor's block hash", (p) => withAnchor(p, { blockHash: other }), "block"],
    ["the anchor's block number", (p) => withAnchor(p, { blockNumber: "1" }), "block"],
    ["the anchor's block, beyond the head", (p) => withAnchor(p, { blockNumber: "1000000" }), "block"],
    ["the agent", (p) => ({ ...p, agent: setup.addressOf(4) }), "agent"],
    ["the anchor, left out", (p) => ({ ...p, anchor: null }), "anchor"],
  ];
  for (const [what, tamper, step] of tampered) {
    it(`refuses a proof with another value of ${what}, at the step "${step}"`, async () => {
      const verdict = await verify(tamper(proof), { trust: { vkeys: [vkey] } });
      assert.equal(verdict.ok, false);
      assert.ok(failed(verdict).includes(step), failed(verdict).join());
    });
  }

  it("never accepts a proof in which any one bit of its hashes is flipped", async (t) => {
    // The log's key is a hint that nothing rests on; everything else that is hex must hold.
    const note = JSON.stringify({ ...proof, logKey: "" });
    const hashes = [...note.matchAll(/0x([0-9a-f]{40,64})/g)].flatMap(({ index, 1: digits = "" }) =>
      Array.from(digits, (_, i) => index + 2 + i),
    );
    const seed = Number(process.env.STEMMA_TEST_SEED ?? Date.now() % 2 ** 31);
    t.diagnostic(`STEMMA_TEST_SEED=${seed}`);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...hashes), fc.constantFrom(1, 2, 4, 8), async (at, bit) => {
        const nibble = (Number.parseInt(note.charAt(at), 16) ^ bit).toString(16);
        const flipped = note.slice(0, at) + nibble + note.slice(at + 1);
        const verdict = await verify(parseProof(flipped), { trust: { vkeys: [vkey] } });
        assert.equal(verdict.ok, false);
      }),
      { seed, numRuns: 60 },
    );
  });

  it("never accepts a proof offline in which any one bit of record, path or checkpoint is flipped", (t) => {
    const seed = Number(process.env.STEMMA_TEST_SEED ?? Date.now() % 2 ** 31);
    t.diagnostic(`STEMMA_TEST_SEED=${seed}`);
    const { anchor: _anchor, logKey: _logKey, agent: _agent, ...covered } = proof;
    const text = JSON.stringify(covered);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 6 }), (at, bit) => {
        const flipped =
          text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);
        assert.ok(!accepts(flipped) || sameValue(flipped));
      }),
      { seed, numRuns: 3_000 },
    );

    function accepts(changed: string): boolean {
      try {
        const whole = { ...JSON.parse(changed), anchor: null, logKey: proof.logKey, agent: proof.agent };
        return verifyProof(parseProof(whole), { vkeys: [vkey] }).ok;
      } catch (error) {
        if (isStemmaError(error) || error instanceof SyntaxError) return false;
        throw error;
      }
    }
    /** Hex digits in the other case, or an escape, say the same. */
    function sameValue(changed: string): boolean {
      const whole = { ...JSON.parse(changed), anchor: null, logKey: proof.logKey, agent: proof.agent };
      const same = { ...proof, anchor: null };
      return JSON.stringify(parseProof(whole)) === JSON.stringify(same);
    }
  });

  it("refuses a node of another chain and a chain of another genesis", async () => {
    assert.deepEqual(failed(await verify(proof, { chainId: 5n })), ["record", "chain"]);
    assert.deepEqual(failed(await verify(proof, { genesisHash: other })), ["chain"]);
  });

  it("refuses an anchor contract and a registry other than the trusted ones", async () => {
    const wrongAnchor = await verify(proof, { anchor: setup.deployed.accessManager });
    assert.ok(failed(wrongAnchor).includes("anchor"));
    const wrongRegistry = await verify(proof, { registry: setup.deployed.accessManager });
    assert.ok(failed(wrongRegistry).includes("registry"));
    const noContract = await verify(proof, { anchor: setup.addressOf(8), registry: setup.addressOf(9) });
    assert.equal(noContract.ok, false);
  });

  it("refuses a log of another origin", async () => {
    assert.deepEqual(failed(await verify(proof, { origin: "example.com/log" })), ["anchor"]);
  });

  it("asks for the depth that the rule names", async () => {
    const deep = await verify(proof, { finality: { kind: "depth", blocks: 1_000n } });
    assert.ok(failed(deep).includes("finality"));
    assert.ok(failed(await verify(proof, { finality: { kind: "qbft" } })).includes("finality"));
    await setup.chain.mine(3);
    const shallow = await verify(proof, { finality: { kind: "depth", blocks: 2n } });
    assert.equal(shallow.ok, true);
    assert.equal(shallow.readAt.tag, "2 below latest");
  });

  it("holds for a record that was revoked later, and says so", async () => {
    const client = setup.clientOf(0);
    const dataHash = digest("nothing");
    const { dataId } = proof.record;
    const revocation = await client.prepareRecord({
      dataId,
      dataHash,
      operation: "REVOKE",
      parents: [proof.recordHash],
    });
    await client.submitRecord(revocation);
    const verdict = await verify(proof);
    assert.equal(verdict.ok, true);
    assert.match(verdict.steps.find(({ name }) => name === "registry")?.detail ?? "", /revoked/);
  });

  it("ends with an error, not with a no, where the node can't be asked", async () => {
    await assert.rejects(verify(proof, { rpcUrl: "http://127.0.0.1:1" }), { name: "RPC_UNAVAILABLE" });
  });

  describe("asked of a node that lies", () => {
    /** A log that the operator never anchored, with a record that is on chain, signed with the log's own key. */
    function forged(): RecordProof {
      const leaf = leafHash(encodeLeaf("record", hexToBytes(proof.recordHash)));
      const root = rootOf([leaf]);
      const { origin } = setup.deployed;
      const signer = createNoteSigner({ name: origin, seed: logSeed });
      const checkpoint = signCheckpoint({ origin, size: 1n, root }, signer);
      const inclusion = { index: "0", size: "1", path: [] };
      return withAnchor({ ...proof, checkpoint, inclusion }, { size: "1", root: bytesToHex(root) });
    }
    const isCallTo = (params: readonly unknown[] | undefined, to: Hex) =>
      (params?.[0] as { to?: string } | undefined)?.to === to;

    async function ask(lie: Lie, given = proof) {
      const node = await startLyingNode(setup.chain.rpcUrl, lie);
      try {
        return await verify(given, { rpcUrl: node.url, trust: { vkeys: [vkey] } });
      } finally {
        await node.stop();
      }
    }

    it("finds a wrong root out", async () => {
      const verdict = await ask(({ method, params }, honest) =>
        method === "eth_call" && isCallTo(params, setup.deployed.anchor) ? other : honest,
      );
      assert.deepEqual(failed(verdict), ["anchor"]);
    });

    it("finds a root that fits a forged proof out, by the receipts of the block", async () => {
      const fake = forged();
      const root = fake.anchor?.root;
      const lie: Lie = ({ method, params }, honest) =>
        method === "eth_call" && isCallTo(params, setup.deployed.anchor) ? root : honest;
      assert.deepEqual(failed(await ask(lie, fake)), ["receipt"]);
    });

    it("finds a forged event out, by the header of the block", async () => {
      const fake = forged();
      assert.ok(fake.anchor && proof.anchor);
      const { root, logId, size } = fake.anchor;
      const honestRoot = proof.anchor.root.slice(2);
      const topic = encodeAbiParameters([{ type: "uint64" }], [BigInt(size)]);
      const lie: Lie = ({ method, params }, honest) => {
        if (method === "eth_call" && isCallTo(params, setup.deployed.anchor)) return root;
        if (!/Receipt/.test(method)) return honest;
        const text = JSON.stringify(honest).replaceAll(honestRoot, root.slice(2));
        const fives = encodeAbiParameters([{ type: "uint64" }], [5n]);
        return JSON.parse(text.includes(logId) ? text.replaceAll(fives, topic) : text);
      };
      assert.deepEqual(failed(await ask(lie, fake)), ["receipt"]);
    });

    it("finds a forged header out", async () => {
      const lie: Lie = ({ method }, honest) =>
        method === "eth_getBlockByNumber" && honest !== null
          ? { ...(honest as object), receiptsRoot: other }
          : honest;
      const steps = failed(await ask(lie));
      assert.ok(
        steps.includes("block") && steps.includes("receipt") && steps.includes("agent"),
        steps.join(),
      );
    });

    it("finds an agent put in another's place out", async () => {
      const victim = setup.addressOf(6);
      const lie: Lie = ({ method }, honest) =>
        /Receipt/.test(method)
          ? JSON.parse(JSON.stringify(honest).replaceAll(setup.addressOf(0).slice(2), victim.slice(2)))
          : honest;
      assert.ok(failed(await ask(lie, { ...proof, agent: victim })).includes("agent"));
    });

    it("reports an answer that makes no sense as the node's fault", async () => {
      const nonsense = ask(({ method }, honest) =>
        method === "eth_getBlockByNumber" ? { number: "0x1" } : honest,
      );
      await assert.rejects(nonsense, { name: "RPC_REPLY_INVALID" });
      await assert.rejects(
        ask(({ method }, honest) => (method === "eth_chainId" ? "many" : honest)),
        { name: "RPC_REPLY_INVALID" },
      );
    });
  });
});

function withAnchor(proof: RecordProof, change: Partial<NonNullable<RecordProof["anchor"]>>): RecordProof {
  assert.ok(proof.anchor);
  return { ...proof, anchor: { ...proof.anchor, ...change } };
}
