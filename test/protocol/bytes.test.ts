import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeBase64, encodeBase64 } from "../../protocol/base64.ts";
import { bytesToHex, compareBytes, concatBytes, equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { commit, commitJson } from "../../protocol/commitment.ts";
import { describeError, isStemmaError, StemmaError } from "../../protocol/errors.ts";
import { errorTable } from "../../protocol/errorTable.ts";
import { decodeLeaf, encodeLeaf, KIND_BYTES } from "../../protocol/leaf.ts";
import { digest } from "../vectors/reference.ts";

const anyBytes = fc.uint8Array({ maxLength: 100 });

describe("bytes", () => {
  test("survive hex and base64, which are node's", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        assert.equal(bytesToHex(bytes), `0x${Buffer.from(bytes).toString("hex")}`);
        assert.ok(equalBytes(hexToBytes(bytesToHex(bytes)), bytes));
        assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
        assert.ok(equalBytes(decodeBase64(encodeBase64(bytes)) ?? new Uint8Array(200), bytes));
      }),
    );
  });

  test("are ordered and joined as node does", () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
        assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0);
        assert.ok(equalBytes(concatBytes(a, b), Buffer.concat([a, b])));
      }),
    );
  });

  test("are refused as hex by field where they aren't hex of the right length", () => {
    const bad = ["", "0", "0x0", "0X00", "00", "0xg0", "0x 0", "0x00\n", "0x0000"];
    for (const hex of bad) {
      assert.throws(
        () => hexToBytes(hex, { bytes: 1, field: "salt" }),
        (error) => isStemmaError(error, "INVALID_HEX") && error.values.field === "salt",
        JSON.stringify(hex),
      );
    }
  });

  test("have one base64 text only", () => {
    for (const text of ["AA", "AA=", "AAA", "AB==", "AAB=", "A A=", "AA==\n", "AA-_", "====", "AAAA===="]) {
      assert.equal(decodeBase64(text), null, text);
    }
  });
});

describe("leaf", () => {
  test("is a kind byte and a hash, both ways", () => {
    const hash = new Uint8Array(32).fill(9);
    assert.deepEqual(KIND_BYTES, { record: 1, event: 2, access: 3, erasure: 4, endorsement: 5 });
    for (const kind of ["record", "event", "access", "erasure", "endorsement"] as const) {
      const leaf = encodeLeaf(kind, hash);
      assert.equal(leaf.length, 33);
      assert.deepEqual(decodeLeaf(leaf), { kind, hash });
    }
  });

  test("is refused where the kind is unknown or the length wrong", () => {
    const bad = [
      new Uint8Array(0),
      new Uint8Array(33),
      new Uint8Array(33).fill(6),
      new Uint8Array(32).fill(1),
    ];
    for (const leaf of bad) {
      assert.throws(
        () => decodeLeaf(leaf),
        (error) => isStemmaError(error, "INVALID_LEAF"),
      );
    }
    assert.throws(
      () => encodeLeaf("record", new Uint8Array(31)),
      (error) => isStemmaError(error, "INVALID_LEAF"),
    );
  });
});

describe("commitment", () => {
  const salt = new Uint8Array(32).fill(1);

  test("is the SHA-256 of salt and data", () => {
    fc.assert(
      fc.property(anyBytes, (data) => {
        assert.ok(equalBytes(commit(salt, data), digest(Buffer.concat([salt, data]))));
      }),
    );
  });

  test("of JSON doesn't depend on the order of keys, and follows RFC 8785", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ unit: "grapheme" })),
        ),
        (value) => {
          const reversed = Object.fromEntries(Object.entries(value).reverse());
          assert.deepEqual(commitJson(salt, value), commitJson(salt, reversed));
        },
      ),
    );
    const text = '{"1":[],"a":{"b":1e+30,"c":"€"},"ö":null}';
    const value = { ö: null, a: { c: "\u20ac", b: 1e30 }, 1: [] };
    assert.deepEqual(commitJson(salt, value), commit(salt, Buffer.from(text)));
  });

  test("is refused without a whole salt or a JSON value", () => {
    for (const bytes of [0, 31, 33]) {
      assert.throws(
        () => commit(new Uint8Array(bytes), salt),
        (error) => isStemmaError(error, "INVALID_SALT"),
      );
    }
    for (const value of [undefined, () => 1, Number.NaN, { a: Number.POSITIVE_INFINITY }, 1n]) {
      assert.throws(
        () => commitJson(salt, value),
        (error) => isStemmaError(error, "NOT_CANONICAL"),
        String(value),
      );
    }
  });
});

describe("errors", () => {
  test("each have a code of their own, a message and advice", () => {
    const entries = Object.values(errorTable);
    assert.equal(new Set(entries.map(({ code }) => code)).size, entries.length);
    for (const { code, message, advice } of entries) {
      assert.match(code, /^STM-[1-9]\d\d$/);
      assert.ok(message.length > 0 && advice.length > 0, code);
    }
  });

  test("carry their values, and read as one line", () => {
    const error = new StemmaError("INVALID_SALT", { bytes: 3 }, { cause: "why" });
    assert.deepEqual(
      [error.name, error.code, error.retry, error.cause],
      ["INVALID_SALT", "STM-107", false, "why"],
    );
    assert.deepEqual(error.values, { bytes: 3 });
    assert.ok(!error.message.includes("{"));
    assert.ok(describeError(error).includes("STM-107"));
    assert.equal(isStemmaError(new Error("other")), false);
  });
});
