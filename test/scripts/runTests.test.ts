import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../scripts/runTests.ts", import.meta.url));
const contracts = "  2 passing (4s)\n\n\n5 passing (3 solidity, 2 mocha)\n";
const others = (fail: number, cancelled: number) =>
  `✔ one\nℹ tests 9\nℹ pass 7\nℹ fail ${fail}\nℹ cancelled ${cancelled}\nℹ skipped 1\nℹ todo 0\n`;

describe("npm test", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stemma-run-tests-"));
    // The parts are given by their output alone: running the suite within the suite would never end.
    const npm =
      '#!/bin/sh\nprintf "%s" "$OUTPUT" | sed -n "/^#$3\\$/,/^#end/p" | grep -v "^#"\neval "exit \\$CODE"\n';
    writeFileSync(join(folder, "npm"), npm, { mode: 0o755 });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(output: { contracts: string; others: string }, exitCode = 0) {
    const result = spawnSync(process.execPath, [script], {
      encoding: "utf8",
      env: {
        PATH: `${folder}${delimiter}${process.env.PATH}`,
        OUTPUT: `#test:contracts\n${output.contracts}#end\n#test:node\n${output.others}#end\n`,
        CODE: String(exitCode),
      },
    });
    return { code: result.status, last: result.stdout.trimEnd().split("\n").at(-1) ?? "" };
  }

  it("ends with one line that counts both parts", () => {
    const { code, last } = run({ contracts, others: others(0, 0) });
    assert.equal(code, 0);
    assert.equal(last, "tests: 12 passed, 0 failed, 1 skipped");
  });

  it("fails and counts when tests failed or were cancelled", () => {
    const { code, last } = run({ contracts, others: others(2, 1) }, 1);
    assert.equal(code, 1);
    assert.equal(last, "tests: 12 passed, 3 failed, 1 skipped");
  });

  it("fails when a part ends badly or ran nothing, whatever it printed", () => {
    assert.equal(run({ contracts, others: others(0, 0) }, 7).code, 1);
    assert.equal(run({ contracts: "", others: others(0, 0) }).code, 1);
  });
});
