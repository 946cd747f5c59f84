import { randomBytes } from "node:crypto";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../../../protocol/bytes.ts";
import { StemmaError } from "../../../protocol/errors.ts";

/** Gives 32 secret bytes for a label. */
export type SecretSource = (label: string) => Uint8Array;

const MIN_SEED_BYTES = 16;
const SECRET_BYTES = 32;
/** Sets these keys apart from others made from the same seed; a new scheme gets a new number. */
const SALT = utf8("stemma/cluster-keys/1");

/**
 * Secrets that follow from a seed: HKDF-SHA-256 (RFC 5869) with the network and the label as `info`. The same seed gives every network
 * keys of its own, so `network` has to name it, e.g. by name and chain id.
 *
 * @throws NETWORK_SEED_INVALID
 */
export function seededSecrets(seed: Uint8Array, network: string): SecretSource {
  if (seed.length < MIN_SEED_BYTES) {
    throw new StemmaError("NETWORK_SEED_INVALID", {
      problem: `it has ${seed.length} bytes of ${MIN_SEED_BYTES}`,
    });
  }
  if (seed.every((byte) => byte === seed[0])) {
    throw new StemmaError("NETWORK_SEED_INVALID", { problem: "all its bytes are the same" });
  }
  return (label) => hkdf(sha256, seed, SALT, utf8(JSON.stringify([network, label])), SECRET_BYTES);
}

/** Secrets from the system's random numbers, another one at each call. */
export const randomSecrets: SecretSource = () => new Uint8Array(randomBytes(SECRET_BYTES));
