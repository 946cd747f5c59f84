import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bytesToHex, hexToBytes, utf8, ZERO_HASH } from "../../protocol/bytes.ts";
import { logId, signCheckpoint } from "../../protocol/checkpoint.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { sha256 } from "../../protocol/hash.ts";
import { encodeLeaf } from "../../protocol/leaf.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { parentsHash, sortParents } from "../../protocol/parents.ts";
import { checkAnchorClaim, parseProof, type RecordProof, verifyProof } from "../../protocol/proof.ts";
import { recordHash } from "../../protocol/record.ts";
import { createNoteSigner } from "../../protocol/signedNote.ts";
import { leafHash, nodeHash } from "../../protocol/tree/hash.ts";
import { inclusionPath, type ReadNode } from "../../protocol/tree/paths.ts";
import { rootOf } from "../../protocol/tree/tree.ts";

const ORIGIN = "stemma.local/31337/0x4444444444444444444444444444444444444444";
const signer = createNoteSigner({ name: ORIGIN, seed: new Uint8Array(32).fill(5) });
const SIZE = 11;
const INDEX = 6;
const domain = { chainId: 31337n, registry: `0x${"44".repeat(20)}` } as const;
const parents = sortParents([bytesToHex(sha256(utf8("one"))), bytesToHex(sha256(utf8("two")))]);
const record = {
  dataId: bytesToHex(sha256(utf8("dataset"))),
  dataHash: bytesToHex(sha256(utf8("data"))),
  previousHash: ZERO_HASH,
  parentsHash: parentsHash(parents),
  operation: encodeOperation("DERIVE"),
  metadataHash: ZERO_HASH,
  dataOwner: `0x${"55".repeat(20)}`,
  timestamp: 1_760_000_000n,
} as const;

async function makeProof(): Promise<{ proof: RecordProof; root: Uint8Array }> {
  const hash = recordHash(domain, record);
  const leaves = Array.from({ length: SIZE }, (_, i) =>
    leafHash(encodeLeaf("record", i === INDEX ? hexToBytes(hash) : sha256(utf8(`${i}`)))),
  );
  const readNode: ReadNode = async (level, index) =>
    level === 0
      ? (leaves[Number(index)] ?? new Uint8Array(32))
      : nodeHash(await readNode(level - 1, 2n * index), await readNode(level - 1, 2n * index + 1n));
  const root = rootOf(leaves);
  const path = await inclusionPath(BigInt(INDEX), BigInt(SIZE), readNode);
  const proof: RecordProof = {
    format: "stemma-proof/1",
    domain: { chainId: "31337", registry: domain.registry },
    record: { ...record, timestamp: `${record.timestamp}` },
    parents,
    recordHash: hash,
    agent: `0x${"66".repeat(20)}`,
    leaf: { kind: "record", hash },
    inclusion: { index: `${INDEX}`, size: `${SIZE}`, path: path.map(bytesToHex) },
    checkpoint: signCheckpoint({ origin: ORIGIN, size: BigInt(SIZE), root }, signer),
    logKey: signer.vkey,
    anchor: {
      contract: `0x${"77".repeat(20)}`,
      logId: logId(ORIGIN),
      size: `${SIZE}`,
      root: bytesToHex(root),
      epoch: "1",
      transactionHash: bytesToHex(sha256(utf8("transaction"))),
      blockNumber: "12",
      blockHash: bytesToHex(sha256(utf8("block"))),
    },
  };
  return { proof, root };
}

const failed = (proof: RecordProof, trust: Parameters<typeof verifyProof>[1]) =>
  verifyProof(proof, trust)
    .steps.filter(({ ok }) => !ok)
    .map(({ name }) => name);

describe("proof file", async () => {
  const { proof, root } = await makeProof();
  const byKey = { vkeys: [signer.vkey] };

  test("holds against a key, a checkpoint, or a root with its size", () => {
    const size = BigInt(SIZE);
    for (const trust of [
      byKey,
      { checkpoint: proof.checkpoint },
      { root: bytesToHex(root), size },
      { ...byKey, root: bytesToHex(root), size, checkpoint: proof.checkpoint, domain },
    ]) {
      const verdict = verifyProof(proof, trust);
      assert.deepEqual(
        verdict.steps.map(({ name }) => name),
        ["record", "leaf", "inclusion", "checkpoint"],
      );
      assert.ok(verdict.ok, JSON.stringify(verdict));
    }
    assert.ok(checkAnchorClaim(proof).ok);
    assert.ok(checkAnchorClaim({ ...proof, anchor: null }).ok);
  });

  test("survives JSON, in any case of its digits", () => {
    assert.deepEqual(parseProof(JSON.stringify(proof)), proof);
    const upper = { ...proof, recordHash: `0x${proof.recordHash.slice(2).toUpperCase()}` };
    assert.deepEqual(parseProof(upper), proof);
  });

  test("names the step that fails", () => {
    const flipped = bytesToHex(hexToBytes(proof.recordHash).map((byte, i) => (i === 3 ? byte ^ 1 : byte)));
    const foreign = signCheckpoint(
      { origin: ORIGIN, size: BigInt(SIZE), root },
      createNoteSigner({ name: ORIGIN, seed: new Uint8Array(32).fill(6) }),
    );
    const cases: [RecordProof, Parameters<typeof verifyProof>[1], string[]][] = [
      [{ ...proof, record: { ...proof.record, timestamp: "1760000001" } }, byKey, ["record"]],
      [{ ...proof, parents: parents.slice(1) }, byKey, ["record"]],
      [{ ...proof, parents: parents.toReversed() }, byKey, ["record"]],
      [{ ...proof, domain: { ...proof.domain, chainId: "1" } }, byKey, ["record"]],
      [{ ...proof, recordHash: flipped }, byKey, ["record", "leaf"]],
      [{ ...proof, leaf: { kind: "record", hash: flipped } }, byKey, ["leaf", "inclusion"]],
      [{ ...proof, inclusion: { ...proof.inclusion, index: "5" } }, byKey, ["inclusion"]],
      [{ ...proof, inclusion: { ...proof.inclusion, size: "12" } }, byKey, ["inclusion"]],
      [{ ...proof, inclusion: { ...proof.inclusion, path: [] } }, byKey, ["inclusion"]],
      [{ ...proof, checkpoint: foreign }, byKey, ["checkpoint"]],
      [{ ...proof, checkpoint: "nothing" }, byKey, ["inclusion", "checkpoint"]],
      [proof, { root: flipped, size: BigInt(SIZE) }, ["checkpoint"]],
      [proof, { root: bytesToHex(root), size: 12n }, ["checkpoint"]],
      [proof, { ...byKey, domain: { ...domain, chainId: 1n } }, ["record"]],
      [proof, { ...byKey, domain: { ...domain, registry: `0x${"45".repeat(20)}` } }, ["record"]],
    ];
    for (const [changed, trust, names] of cases) assert.deepEqual(failed(changed, trust), names);
    const other = proof.anchor && { ...proof, anchor: { ...proof.anchor, root: flipped } };
    assert.equal(other && checkAnchorClaim(other).ok, false);
  });

  test("doesn't trust the key that it carries", () => {
    const forger = createNoteSigner({ name: ORIGIN, seed: new Uint8Array(32).fill(8) });
    const forged = {
      ...proof,
      checkpoint: signCheckpoint({ origin: ORIGIN, size: BigInt(SIZE), root }, forger),
      logKey: forger.vkey,
    };
    assert.deepEqual(failed(forged, byKey), ["checkpoint"]);
  });

  test("is refused when any digit is changed, but for what it only claims: agent, anchor and log key", () => {
    const text = JSON.stringify({ ...proof, anchor: null, agent: null, logKey: "" });
    const places = [...text.matchAll(/0x[0-9a-f]{40,}/g)].flatMap((match) =>
      Array.from({ length: match[0].length - 2 }, (_, i) => match.index + 2 + i),
    );
    fc.assert(
      fc.property(fc.nat(places.length - 1), fc.constantFrom(..."0123456789abcdef"), (at, digit) => {
        const place = places[at] ?? 0;
        const changed = text.slice(0, place) + digit + text.slice(place + 1);
        if (changed === text) return;
        // The origin in the checkpoint holds an address too: changing it breaks the signature.
        const spoilt = parseProof({ ...JSON.parse(changed), agent: proof.agent });
        assert.equal(verifyProof(spoilt, byKey).ok, false);
      }),
    );
  });

  test("asks for something to check against", () => {
    for (const trust of [{}, { vkeys: [] }, { root: bytesToHex(root) }, { size: 11n }, { domain }]) {
      assert.throws(
        () => verifyProof(proof, trust),
        (error) => isStemmaError(error, "PROOF_TRUST_MISSING"),
      );
    }
    assert.throws(
      () => verifyProof(proof, { vkeys: ["no key"] }),
      (error) => isStemmaError(error, "NOTE_KEY_INVALID"),
    );
  });

  test("is refused by the field at fault where it isn't a proof", () => {
    const bad: [unknown, string][] = [
      ["", "file"],
      ["{", "file"],
      ["null", "file"],
      [undefined, "file"],
      [[], "file"],
      [{ ...proof, format: "stemma-proof/2" }, "format"],
      [{ ...proof, recordHash: "0x12" }, "recordHash"],
      [{ ...proof, record: { ...proof.record, timestamp: 5 } }, "record.timestamp"],
      [{ ...proof, record: { ...proof.record, timestamp: "05" } }, "record.timestamp"],
      [{ ...proof, inclusion: { ...proof.inclusion, path: ["0x"] } }, "inclusion.path.0"],
      [
        { ...proof, inclusion: { ...proof.inclusion, path: Array(65).fill(proof.recordHash) } },
        "inclusion.path",
      ],
      [{ ...proof, leaf: { ...proof.leaf, kind: "access" } }, "leaf.kind"],
      [{ ...proof, anchor: undefined }, "anchor"],
    ];
    for (const [input, field] of bad) {
      assert.throws(
        () => parseProof(input),
        (error) => isStemmaError(error, "PROOF_MALFORMED") && error.values.field === field,
        field,
      );
    }
    assert.throws(
      () => parseProof({ ...proof, surprise: 1 }),
      (error) => isStemmaError(error, "PROOF_MALFORMED"),
    );
    assert.throws(
      () => parseProof(" ".repeat(1_000_001)),
      (error) => isStemmaError(error, "PROOF_MALFORMED"),
    );
  });
});
