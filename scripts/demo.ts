import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeError, StemmaError } from "../protocol/errors.ts";
import { type DemoOptions, runDemo } from "./demo/runDemo.ts";

const usage = `npm run demo -- [--once] [--history PATH] [--chain-port N] [--api-port N]

  --once            end after the proof; the last line is one JSON object, exit code 0 only if all held
  --history PATH    the git repository whose history is imported (this one by default)
  --chain-port N    usual port of the chain (8545); a free one is taken where it is in use
  --api-port N      usual port of the API (4000); likewise`;

async function main(args: readonly string[]): Promise<number> {
  const values = readFlags(args);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const interrupted = Promise.withResolvers<void>();
  let serving = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // What was started ends with this process, so stopping in the middle leaves nothing running.
    process.on(name, () => (serving ? interrupted.resolve() : process.exit(130)));
  }
  const result = await runDemo({
    history: values.history ?? fileURLToPath(new URL("..", import.meta.url)),
    once: values.once ?? false,
    chainPort: readPort(values["chain-port"], 8545),
    apiPort: readPort(values["api-port"], 4000),
    stop: () => {
      serving = true;
      return interrupted.promise;
    },
    write: (line) => console.log(line),
  } satisfies DemoOptions);
  if (values.once) console.log(JSON.stringify(result));
  return result.proofVerified && result.tamperRefused ? 0 : 1;
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean" },
        history: { type: "string" },
        "chain-port": { type: "string" },
        "api-port": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new StemmaError("USAGE", { problem: error instanceof Error ? error.message : String(error) });
  }
}

function readPort(text: string | undefined, usual: number): number {
  const port = text === undefined ? usual : Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StemmaError("USAGE", { problem: `A port is a number up to 65535, not ${text}` });
  }
  return port;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(describeError(error));
  if (error instanceof StemmaError && error.name === "USAGE") console.error(usage);
  process.exit(1);
}
