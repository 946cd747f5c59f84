import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Hex } from "../../protocol/bytes.ts";

const sources = {
  AccessManager: "@openzeppelin/contracts/access/manager/AccessManager.sol",
  ProvenanceRegistry: "contracts/ProvenanceRegistry.sol",
  CheckpointAnchor: "contracts/CheckpointAnchor.sol",
  LookAlikeRegistry: "contracts/mocks/LookAlikeRegistry.sol",
};

/** What a contract test needs of a compiled contract. */
export type Artifact = {
  readonly abi: readonly { readonly type: string }[];
  readonly bytecode: Hex;
};

/** Reads a contract as `hardhat build` compiled it. */
export function readArtifact(name: keyof typeof sources): Artifact {
  const file = fileURLToPath(new URL(`../../artifacts/${sources[name]}/${name}.json`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${name} isn't compiled: run \`npm run build\` first`);
  return JSON.parse(readFileSync(file, "utf8")) as Artifact;
}
