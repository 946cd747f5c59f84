import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchOptions } from "./bench.ts";
import { BENCHES } from "./benches.ts";

const USAGE = `npm run bench -- NAME [--option value]... [--save]

NAME is one of: ${Object.keys(BENCHES).join(", ")}.
--save writes the result to bench/baselines/NAME.json.
The last line printed is the result as one JSON object.`;

/** `--name value` pairs; a name without a value is "true". */
function parseOptions(args: readonly string[]): BenchOptions {
  const options: Record<string, string> = {};
  args.forEach((argument, i) => {
    const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/.exec(argument) ?? [];
    if (name === undefined) return;
    const next = args[i + 1];
    options[name] = inline ?? (next === undefined || next.startsWith("--") ? "true" : next);
  });
  return options;
}

async function main([name = "", ...args]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const options = parseOptions(args);
  const result = await (await load()).run(options);
  if (options.save) {
    const path = join(import.meta.dirname, "baselines", `${name}.json`);
    await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  }
  // A reader of the last line must also see that a goal was missed without reading it.
  if (!result.ok) process.exitCode = 1;
  console.log(
    JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
  );
}

await main(process.argv.slice(2));
