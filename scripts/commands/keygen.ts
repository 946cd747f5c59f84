import { randomBytes } from "node:crypto";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { bytesToHex } from "../../protocol/bytes.ts";
import { createNoteSigner } from "../../protocol/signedNote.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson } from "./print.ts";

/** `stemma keygen`: a new account, or with an origin a new seed of a log with the verifier key that belongs to it. Stores nothing. */
export async function keygen(flags: {
  readonly origin?: string;
  readonly json?: boolean;
}): Promise<ExitCode> {
  const lines = flags.origin === undefined ? newAccount() : newSeed(flags.origin);
  if (flags.json) sayJson(lines);
  else for (const [name, value] of Object.entries(lines)) say(`${name}=${value}`);
  return 0;
}

function newAccount() {
  const key = generatePrivateKey();
  return { STEMMA_KEY: key, address: privateKeyToAccount(key).address.toLowerCase() };
}

function newSeed(origin: string) {
  const seed = randomBytes(32);
  const { vkey } = createNoteSigner({ name: origin, seed });
  return { STEMMA_LOG_SEED: bytesToHex(seed), STEMMA_LOG_ORIGIN: origin, vkey };
}
