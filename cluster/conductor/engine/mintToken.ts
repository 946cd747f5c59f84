import { createHmac } from "node:crypto";

const HEADER = encode({ alg: "HS256", typ: "JWT" });

/**
 * A JSON Web Token for one call of the Engine API (execution-apis, authentication.md): HS256 over the time of issue, which the node
 * takes for 60 seconds.
 */
export function mintToken(secret: Uint8Array, nowMs: number): string {
  const signed = `${HEADER}.${encode({ iat: Math.floor(nowMs / 1_000) })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
