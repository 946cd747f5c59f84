import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** What one part of the suite counted. */
type Count = { readonly passed: number; readonly failed: number; readonly skipped: number };

type Part = { readonly name: string; readonly script: string; readonly count: (output: string) => Count };

/** Both runners end with a summary; what they print before it is many times longer. */
const SUMMARY_CHARACTERS = 100_000;

const parts: readonly Part[] = [
  {
    name: "contracts",
    script: "test:contracts",
    count: (output) => ({
      passed: lastNumber(output, /^(\d+) passing/gm),
      failed: lastNumber(output, /^(\d+) failing/gm),
      skipped: lastNumber(output, /^(\d+) (?:skipped|pending)/gm),
    }),
  },
  {
    name: "everything else",
    script: "test:node",
    count: (output) => ({
      passed: lastNumber(output, /^\S pass (\d+)/gm),
      failed: lastNumber(output, /^\S fail (\d+)/gm) + lastNumber(output, /^\S cancelled (\d+)/gm),
      skipped: lastNumber(output, /^\S skipped (\d+)/gm),
    }),
  },
];

/** Runs every part, failed ones before it or not, and ends with one line that counts. */
async function runTests(): Promise<void> {
  const startedAt = performance.now();
  const counts: Count[] = [];
  const words: string[] = [];
  let isGood = true;
  for (const part of parts) {
    const { code, output } = await run(part.script);
    const count = part.count(output);
    counts.push(count);
    words.push(`${part.name} ${count.passed}`);
    isGood &&= code === 0 && count.failed === 0 && count.passed > 0;
  }
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`\n${isGood ? "PASSED" : "FAILED"} in ${seconds} s: ${words.join(", ")}`);
  console.log(`tests: ${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  process.exitCode = isGood ? 0 : 1;
}

async function run(script: string): Promise<{ code: number | null; output: string }> {
  const child = spawn("npm", ["run", "--silent", script], {
    stdio: ["inherit", "pipe", "pipe"],
    env: process.stdout.isTTY ? { ...process.env, FORCE_COLOR: "1" } : process.env,
  });
  // Ctrl-C reaches the child as well; waiting for it lets it clean up what it started.
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGTERM", forward).on("SIGINT", () => undefined);
  let output = "";
  const show = (from: Readable, to: Writable) =>
    from.setEncoding("utf8").on("data", (text: string) => {
      to.write(text);
      output = (output + text).slice(-SUMMARY_CHARACTERS);
    });
  show(child.stdout, process.stdout);
  show(child.stderr, process.stderr);
  const [code] = await once(child, "close");
  process.removeAllListeners("SIGTERM").removeAllListeners("SIGINT");
  return { code, output: stripColours(output) };
}

function lastNumber(output: string, pattern: RegExp): number {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

function stripColours(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");
}

await runTests();
