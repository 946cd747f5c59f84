import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, type Hex, hexToBytes } from "../../../protocol/bytes.ts";
import { addressOfPublicKey } from "../../../protocol/qbft.ts";
import type { SecretSource } from "./secrets.ts";

/** Who a node is to others. */
export type NodeIdentity = {
  /** 64 bytes: the node's id in enode URLs. */
  readonly publicKey: Hex;
  /** Under QBFT the validator's address. */
  readonly address: Hex;
};

/** A private key of secp256k1 for this label. */
export function createNodeKey(secret: SecretSource, label: string): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const candidate = secret(`${label}/${attempt}`);
    // One of 2^128 candidates isn't below the order of the curve.
    if (isNodeKey(candidate)) return candidate;
  }
}

/** True where these bytes are a private key of secp256k1. */
export function isNodeKey(bytes: Uint8Array): boolean {
  return secp256k1.utils.isValidSecretKey(bytes);
}

/** Public key and address of a private key. */
export function identityOf(privateKey: Uint8Array): NodeIdentity {
  const point = secp256k1.getPublicKey(privateKey, false);
  return { publicKey: bytesToHex(point.subarray(1)), address: addressOfPublicKey(point) };
}

/** How a node is dialled; discovery is off, so there is no port of its own for it. @throws INVALID_HEX */
export function enodeUrl(publicKey: Hex, host: string, port: number): string {
  hexToBytes(publicKey, { bytes: 64, field: "publicKey" });
  return `enode://${publicKey.slice(2)}@${host}:${port}?discport=0`;
}
