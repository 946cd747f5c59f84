import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bytesToHex } from "../../protocol/bytes.ts";
import { logId, parseCheckpoint, signCheckpoint, verifyCheckpoint } from "../../protocol/checkpoint.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { createNoteSigner, signNote } from "../../protocol/signedNote.ts";
import { EMPTY_ROOT } from "../../protocol/tree/hash.ts";
import { digest } from "../vectors/reference.ts";

const ORIGIN = "stemma.local/31337/0x5fbdb2315678afecb367f032d93f642f64180aa3";
const signer = createNoteSigner({ name: ORIGIN, seed: new Uint8Array(32).fill(3) });
const other = createNoteSigner({ name: "other.example", seed: new Uint8Array(32).fill(4) });
const ROOT = new Uint8Array(32).fill(7);
const ROOT_TEXT = Buffer.from(ROOT).toString("base64");

describe("checkpoint", () => {
  test("reads back as it was signed, for any size and root", () => {
    const root = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 64n - 1n), root, (size, bytes) => {
        const note = signCheckpoint({ origin: ORIGIN, size, root: bytes }, signer);
        const checkpoint = verifyCheckpoint(note, [other.vkey, signer.vkey]);
        assert.equal(checkpoint.origin, ORIGIN);
        assert.equal(checkpoint.size, size);
        assert.equal(bytesToHex(checkpoint.root), bytesToHex(bytes));
        assert.equal(checkpoint.signatures.length, 1);
      }),
      { numRuns: 30 },
    );
  });

  test("is three lines, a blank one and a signature", () => {
    const note = signCheckpoint({ origin: ORIGIN, size: 12n, root: ROOT }, signer);
    assert.ok(note.startsWith(`${ORIGIN}\n12\n${ROOT_TEXT}\n\n— ${ORIGIN} `));
    assert.equal(note.split("\n").length, 6);
  });

  test("an empty log has the empty root", () => {
    assert.equal(
      parseCheckpoint(signCheckpoint({ origin: ORIGIN, size: 0n, root: EMPTY_ROOT }, signer)).size,
      0n,
    );
    assert.throws(
      () => signCheckpoint({ origin: ORIGIN, size: 0n, root: ROOT }, signer),
      (error) => isStemmaError(error, "CHECKPOINT_MALFORMED"),
    );
  });

  test("isn't signed where its parts are wrong or the key is of another log", () => {
    for (const checkpoint of [
      { origin: ORIGIN, size: -1n, root: ROOT },
      { origin: ORIGIN, size: 2n ** 64n, root: ROOT },
      { origin: ORIGIN, size: 1n, root: ROOT.subarray(1) },
      { origin: "other.log", size: 1n, root: ROOT },
    ]) {
      assert.throws(
        () => signCheckpoint(checkpoint, signer),
        (error) => isStemmaError(error, "CHECKPOINT_MALFORMED"),
      );
    }
  });

  test("is refused where its text is malformed, though the signature is good", () => {
    const texts = [
      `${ORIGIN}\n`,
      `${ORIGIN}\n1\n`,
      `\n1\n${ROOT_TEXT}\n`,
      `${ORIGIN}\n01\n${ROOT_TEXT}\n`,
      `${ORIGIN}\n+1\n${ROOT_TEXT}\n`,
      `${ORIGIN}\n1e3\n${ROOT_TEXT}\n`,
      `${ORIGIN}\n18446744073709551616\n${ROOT_TEXT}\n`,
      `${ORIGIN}\n1\n${ROOT_TEXT.slice(0, -1)}\n`,
      `${ORIGIN}\n1\n${ROOT_TEXT.slice(0, -4)}\n`,
      `${ORIGIN}\n1\n ${ROOT_TEXT}\n`,
      `${ORIGIN}\n1\n${ROOT_TEXT}\n\nextension\n`,
      `${ORIGIN}\n0\n${ROOT_TEXT}\n`,
    ];
    for (const text of texts) {
      assert.throws(
        () => verifyCheckpoint(signNote(text, [signer]), [signer.vkey]),
        (error) => isStemmaError(error, "CHECKPOINT_MALFORMED"),
        JSON.stringify(text),
      );
    }
    const extended = verifyCheckpoint(signNote(`${ORIGIN}\n1\n${ROOT_TEXT}\nextension\n`, [signer]), [
      signer.vkey,
    ]);
    assert.deepEqual(extended.extensions, ["extension"]);
  });

  test("of one log isn't accepted on the word of another log's key", () => {
    const note = signNote(`${ORIGIN}\n1\n${ROOT_TEXT}\n`, [other]);
    assert.throws(
      () => verifyCheckpoint(note, [other.vkey, signer.vkey]),
      (error) => isStemmaError(error, "CHECKPOINT_FOREIGN"),
    );
  });

  test("the log's id is the SHA-256 of its origin", () => {
    assert.equal(logId(ORIGIN), `0x${digest(Buffer.from(ORIGIN)).toString("hex")}`);
  });
});
