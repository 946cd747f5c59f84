import { writeFile } from "node:fs/promises";
import { createStemmaClient } from "../../client/index.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { apiConnection } from "./apiConnection.ts";
import type { ExitCode } from "./exit.ts";
import { say } from "./print.ts";
import { hexFlag, type TargetFlags } from "./target.ts";

/** `stemma proof`: writes a record's proof file, or prints it. */
export async function proof(
  recordHash: string,
  flags: TargetFlags & { readonly output?: string },
): Promise<ExitCode> {
  const client = createStemmaClient(apiConnection(flags));
  const file = await client.fetchProof({ recordHash: hexFlag(recordHash, "The record's hash", 32) });
  const text = `${JSON.stringify(file, null, 2)}\n`;
  if (flags.output === undefined) {
    process.stdout.write(text);
    return 0;
  }
  await writeFile(flags.output, text).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StemmaError("USAGE", { problem: `Can't write ${flags.output}: ${reason}` }, { cause: error });
  });
  const { index, size } = file.inclusion;
  const anchored = file.anchor === null ? "not anchored yet" : `anchored in block ${file.anchor.blockNumber}`;
  say(`Wrote ${flags.output}: entry ${index} of ${size}, ${anchored}`);
  return 0;
}
