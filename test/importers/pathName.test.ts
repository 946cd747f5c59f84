import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { pathName } from "../../importers/git/pathName.ts";

/** The bytes that a name stands for. */
function decode(name: string): Buffer {
  const parts = name.split(/(%[0-9A-F]{2})/).map((part) => {
    const escaped = /^%([0-9A-F]{2})$/.exec(part)?.[1];
    return escaped === undefined ? Buffer.from(part) : Buffer.from([Number.parseInt(escaped, 16)]);
  });
  return Buffer.concat(parts);
}

describe("pathName", () => {
  it("gives every path a name of its own, from which the path can be read back", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 24 });
    const text = fc
      .string({ unit: "binary", minLength: 1 })
      .map((value) => new Uint8Array(Buffer.from(value)));
    fc.assert(
      fc.property(fc.oneof(bytes, text), (path) => {
        assert.deepEqual(decode(pathName(path)), Buffer.from(path));
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves readable names as they are", () => {
    for (const name of ["src/main.ts", "a b/c", "日本/ü.md", "🌲"])
      assert.equal(pathName(Buffer.from(name)), name);
  });
});
