import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { createImportReporter } from "../../importers/git/reporter.ts";

function captured(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const chunks: string[] = [];
  stream.on("data", (chunk) => chunks.push(String(chunk)));
  // What cli-progress asks a terminal for.
  Object.assign(stream, {
    isTTY,
    columns: 120,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join("") };
}

describe("createImportReporter", () => {
  it("prints a line every few seconds where there is no terminal, with rate and time left", () => {
    const { stream, text } = captured(false);
    let now = 0;
    const reporter = createImportReporter(stream, { clock: () => now });
    reporter.start({ namespace: "git:x", commits: 100 });
    for (const commits of [10, 20, 30, 40, 50]) {
      now += 2_000;
      reporter.progress({ commits, recordsAdded: commits * 2, recordsPresent: 5 });
    }
    reporter.stop();
    assert.deepEqual(text().trim().split("\n"), [
      "Importing 100 commits into git:x",
      "30/100 commits, 65 records, 10/s, 14 s left",
    ]);
  });

  it("draws a bar on a terminal, and ends it", () => {
    const { stream, text } = captured(true);
    const reporter = createImportReporter(stream);
    reporter.start({ namespace: "git:x", commits: 10 });
    reporter.progress({ commits: 5, recordsAdded: 7, recordsPresent: 1 });
    reporter.stop();
    assert.match(text(), /5\/10 commits \| 8 records/);
  });

  it("stops quietly where nothing was begun", () => {
    const { stream } = captured(true);
    assert.doesNotThrow(() => createImportReporter(stream).stop());
  });
});
