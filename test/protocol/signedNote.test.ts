import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isStemmaError } from "../../protocol/errors.ts";
import {
  createNoteSigner,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyNote,
} from "../../protocol/signedNote.ts";

/** The example of c2sp.org/signed-note. */
const KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

const signer = createNoteSigner({ name: "log.example/1", seed: new Uint8Array(32).fill(1) });
const stranger = createNoteSigner({ name: "witness.example", seed: new Uint8Array(32).fill(2) });
const refuses = (name: string, note: string, keys: readonly string[] = [signer.vkey]) =>
  assert.throws(
    () => verifyNote(note, keys),
    (error) => isStemmaError(error) && error.name === name,
    JSON.stringify(note),
  );

describe("signed note", () => {
  test("verifies the specification's example", () => {
    assert.deepEqual(verifyNote(NOTE, [KEY]), {
      text: "This is an example message.\n",
      signedBy: ["example.com/foo"],
    });
    const [signature] = parseNote(NOTE).signatures;
    assert.equal(signature?.keyId, "530d903a");
    assert.equal(signature?.signature.length, 64);
  });

  test("signs what it verifies, for any text", () => {
    const line = fc
      .string({ unit: "grapheme" })
      .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const text = `${lines.join("\n")}\n`;
        const note = signNote(text, [signer, stranger]);
        assert.deepEqual(verifyNote(note, [signer.vkey]), { text, signedBy: [signer.name] });
        assert.deepEqual(verifyNote(note, [stranger.vkey, signer.vkey]).signedBy, [
          signer.name,
          stranger.name,
        ]);
      }),
    );
  });

  test("makes signatures that node:crypto accepts", () => {
    const text = "a text\n";
    const [signature] = parseNote(signNote(text, [signer])).signatures;
    const der = Buffer.concat([
      Buffer.from("302a300506032b6570032100", "hex"),
      Buffer.from(signer.vkey.split("+")[2] ?? "", "base64").subarray(1),
    ]);
    const key = { key: der, format: "der", type: "spki" } as const;
    assert.ok(verify(null, Buffer.from(text), key, signature?.signature ?? Buffer.alloc(0)));
  });

  test("separates text and signatures at the last empty line", () => {
    const text = "first\n\nsecond\n\n— not a signature\n";
    assert.equal(verifyNote(signNote(text, [signer]), [signer.vkey]).text, text);
  });

  test("accepts many signatures and ignores those of unknown keys", () => {
    const others = Array.from({ length: 40 }, (_, i) =>
      createNoteSigner({ name: `witness.example/${i}`, seed: new Uint8Array(32).fill(i + 10) }),
    );
    assert.deepEqual(verifyNote(signNote("text\n", [...others, signer]), [signer.vkey]).signedBy, [
      signer.name,
    ]);
    // A key of the same name but another id is unknown, even where its signature is nonsense.
    const sameName = createNoteSigner({ name: signer.name, seed: new Uint8Array(32).fill(9) });
    const nonsense = signNote("other\n", [sameName]).split("\n\n")[1] ?? "";
    assert.deepEqual(verifyNote(signNote("text\n", [signer]) + nonsense, [signer.vkey]).signedBy, [
      signer.name,
    ]);
    refuses("NOTE_MALFORMED", signNote("text\n", Array(101).fill(signer)));
  });

  test("refuses a note that a known key's signature doesn't fit, even beside a good one", () => {
    const note = signNote("text\n", [signer]);
    refuses("NOTE_SIGNATURE_INVALID", note.replace("text", "Text"));
    const wrong = signNote("other\n", [stranger]).split("\n\n")[1] ?? "";
    refuses("NOTE_SIGNATURE_INVALID", note + wrong, [signer.vkey, stranger.vkey]);
    assert.deepEqual(verifyNote(note + wrong, [signer.vkey]).signedBy, [signer.name]);
  });

  test("refuses a note without a known key's signature", () => {
    refuses("NOTE_UNSIGNED", signNote("text\n", [stranger]));
    refuses("NOTE_UNSIGNED", signNote("text\n", [signer]), []);
  });

  test("refuses any note with one character changed or cut off", () => {
    const note = signNote("log.example/1\n7\nroot\n", [signer]);
    fc.assert(
      fc.property(
        fc.nat(note.length - 1),
        fc.constantFrom("A", "b", "/", " ", "\n", "\u0007"),
        (at, character) => {
          const changed = note.slice(0, at) + character + note.slice(at + 1);
          if (changed !== note) assert.throws(() => verifyNote(changed, [signer.vkey]));
          if (at > 0) assert.throws(() => verifyNote(note.slice(0, at), [signer.vkey]));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("refuses what isn't a note", () => {
    const line = signNote("text\n", [signer]).split("\n\n")[1] ?? "";
    const malformed = [
      "",
      "\n",
      "text\n",
      `text\n${line}`,
      `text\n\n${line.trimEnd()}`,
      `text\n\n${line}\n`,
      `text\n\n${line.replace("— ", "- ")}`,
      `text\n\n${line.replace("log.example/1", "log example/1")}`,
      `text\n\n${line.replace("log.example/1", "log+example/1")}`,
      `text\n\n— log.example/1 AAAA\n`,
      `text\n\n— log.example/1 not*base64*\n`,
      `text\r\n\n${line}`,
      `te\u0000xt\n\n${line}`,
      `te\ud800xt\n\n${line}`,
      `${"x".repeat(1_000_001)}\n\n${line}`,
    ];
    for (const note of malformed) refuses("NOTE_MALFORMED", note);
    for (const text of ["text", "te\tx\n", "\udc00\n"]) {
      assert.throws(
        () => signNote(text, [signer]),
        (error) => isStemmaError(error, "NOTE_MALFORMED"),
      );
    }
  });
});

describe("note keys", () => {
  test("have names without spaces or plus signs, and 32-byte seeds", () => {
    const seed = new Uint8Array(32);
    const bad = ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\u0001b"];
    for (const name of bad) {
      assert.throws(
        () => createNoteSigner({ name, seed }),
        (error) => isStemmaError(error, "NOTE_KEY_INVALID"),
        JSON.stringify(name),
      );
    }
    assert.throws(
      () => createNoteSigner({ name: "a", seed: new Uint8Array(31) }),
      (error) => isStemmaError(error, "NOTE_KEY_INVALID"),
    );
  });

  test("are refused where id, type or length is wrong", () => {
    const [name = "", id = "", key = ""] = KEY.split("+");
    const bad = [
      "",
      name,
      `${name}+${id}`,
      `${name}+${id}+`,
      `${name}+530d903b+${key}`,
      `${name}x+${id}+${key}`,
      `${name}+${id.toUpperCase()}+${key}`,
      `${name}+${id}+${key.slice(0, -4)}`,
      `${name}+${id}+${key.replace("Ae", "Ag")}`,
      ` ${KEY}`,
      `${KEY}\n`,
    ];
    for (const vkey of bad) {
      assert.throws(
        () => parseVerifierKey(vkey),
        (error) => isStemmaError(error, "NOTE_KEY_INVALID"),
        JSON.stringify(vkey),
      );
    }
    assert.equal(parseVerifierKey(KEY).name, "example.com/foo");
  });

  test("are the public keys of their seeds", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const { d = "", x = "" } = privateKey.export({ format: "jwk" });
    const { vkey } = createNoteSigner({ name: "a", seed: Buffer.from(d, "base64url") });
    assert.deepEqual(
      Buffer.from(vkey.split("+").slice(2).join("+"), "base64").subarray(1),
      Buffer.from(x, "base64url"),
    );
  });
});
