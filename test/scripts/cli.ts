import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../scripts/stemma.ts", import.meta.url));

export type CliResult = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the command line as a process of its own; only the variables given are in its environment. */
export async function stemma(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  const [code] = await once(child, "close");
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}
