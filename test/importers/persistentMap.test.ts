import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPersistentMap, type PersistentMap } from "../../importers/git/persistentMap.ts";

describe("createPersistentMap", () => {
  it("agrees with a Map after any changes, and leaves every older version as it was", () => {
    // Few keys, so that values are replaced; "costarring" and "liquid" collide in 32-bit FNV-1a.
    const key = fc.oneof(fc.constantFrom("a", "b", "costarring", "liquid", ""), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer())), (changes) => {
        const versions: [PersistentMap<number>, Map<string, number>][] = [];
        let map = createPersistentMap<number>();
        let model = new Map<string, number>();
        for (const [name, value] of changes) {
          map = map.set(name, value);
          model = new Map(model).set(name, value);
          versions.push([map, model]);
        }
        for (const [version, expected] of versions) {
          for (const [name] of changes) assert.equal(version.get(name), expected.get(name));
          assert.equal(version.get("never set"), undefined);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("holds many entries", () => {
    let map = createPersistentMap<number>();
    for (let i = 0; i < 20_000; i++) map = map.set(`path/${i}`, i);
    for (let i = 0; i < 20_000; i++) assert.equal(map.get(`path/${i}`), i);
  });
});
