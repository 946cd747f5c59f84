import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { normalizeOrigin, openRepository } from "../../importers/git/openRepository.ts";
import { createRepository } from "./gitRepository.ts";

describe("openRepository", () => {
  it("gives all clones of one origin the same identity, without credentials", () => {
    const same = [
      "https://example.org/team/data.git",
      "https://user:secret@Example.org/team/data",
      "ssh://git@example.org/team/data.git/",
      "git@example.org:team/data.git",
      "git://example.org/team/data",
    ];
    for (const url of same) assert.equal(normalizeOrigin(url), "example.org/team/data", url);
    for (const url of ["/srv/git/data.git", "../data", "file:///srv/data.git"]) {
      assert.equal(normalizeOrigin(url), undefined, url);
    }
  });

  it("takes the origin, or else the folder's name, and works in a subfolder and in a bare repository", async () => {
    using repository = createRepository();
    assert.equal((await openRepository(repository.path)).namespace, "git:data");
    repository.git(["remote", "add", "origin", "/srv/git/elsewhere.git"]);
    assert.equal((await openRepository(repository.path)).namespace, "git:data");
    repository.git(["remote", "set-url", "origin", "git@example.org:team/data.git"]);
    assert.equal((await openRepository(repository.path)).namespace, "git:example.org/team/data");
    repository.git(["clone", "--quiet", "--bare", ".", "inner.git"]);
    const bare = await openRepository(`${repository.path}/inner.git`);
    assert.deepEqual([bare.namespace, bare.tip, bare.isShallow], ["git:inner", null, false]);
  });
});
