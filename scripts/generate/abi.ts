import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GeneratedFile } from "./generatedFile.ts";

/** Contracts whose ABI the TypeScript code reads, by the folder of their artifact. */
const contracts = [
  { name: "ProvenanceRegistry", source: "contracts/ProvenanceRegistry.sol" },
  { name: "CheckpointAnchor", source: "contracts/CheckpointAnchor.sol" },
  { name: "AccessManager", source: "@openzeppelin/contracts/access/manager/AccessManager.sol" },
] as const;

/** Compiles the contracts and returns `protocol/abi/<contract>.generated.ts` for each. */
export async function generateAbis(root: string): Promise<readonly GeneratedFile[]> {
  await promisify(execFile)(
    process.execPath,
    [join(root, "node_modules/hardhat/dist/src/cli.js"), "build", "--quiet"],
    {
      cwd: root,
    },
  );
  return Promise.all(
    contracts.map(async ({ name, source }) => {
      const artifact: { abi: unknown } = JSON.parse(
        await readFile(join(root, "artifacts", source, `${name}.json`), "utf8"),
      );
      const fileName = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      return {
        path: `protocol/abi/${fileName}.generated.ts`,
        content: `// Written by scripts/generate.ts from ${source}.\nexport const ${fileName}Abi = ${JSON.stringify(artifact.abi, null, 2)} as const;\n`,
      };
    }),
  );
}
