import type { PrivateKeyAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";

/**
 * The account that acts, from STEMMA_KEY. Never from a flag: a command line is visible to every process of the machine.
 *
 * @throws KEY_MISSING, KEY_INVALID
 */
export function accountFromEnvironment(env: Readonly<Record<string, string | undefined>>): PrivateKeyAccount {
  const key = env.STEMMA_KEY?.trim();
  if (!key) throw new StemmaError("KEY_MISSING", {});
  if (!/^0x[0-9a-fA-F]{64}$/.test(key)) throw new StemmaError("KEY_INVALID", { variable: "STEMMA_KEY" });
  try {
    return privateKeyToAccount(key as Hex);
  } catch {
    // Zero, or beyond the order of the curve. The cause would hold the key.
    throw new StemmaError("KEY_INVALID", { variable: "STEMMA_KEY" });
  }
}
