import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contractNames, type Deployment } from "../../deployments/schema.ts";

/** Writes what `npx hardhat deploy` would have written, for programs that read the folder. */
export function writeDeploymentFolder(directory: string, deployment: Deployment): void {
  const { contracts, ...chain } = deployment;
  const folder = join(directory, deployment.network);
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: object) =>
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? Number(part) : part)),
    );
  for (const contract of contractNames) {
    write(contract, { format: "stemma-contract/1", contract, ...contracts[contract] });
  }
  write("chain", { format: "stemma-deployment/1", ...chain });
}
