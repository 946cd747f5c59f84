import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { StemmaError } from "../../protocol/errors.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hardhat = fileURLToPath(new URL("../../node_modules/hardhat/dist/src/cli.js", import.meta.url));

/**
 * Runs `npx hardhat deploy --network localhost` against this chain, writing below `directory`.
 *
 * @throws DEMO_STEP_FAILED with the task's last words.
 */
export async function deployContracts(rpcUrl: string, directory: string): Promise<void> {
  const { STEMMA_DEPLOYER_KEY: _, ...environment } = process.env;
  const child = spawn(
    process.execPath,
    [hardhat, "deploy", "--network", "localhost", "--directory", directory],
    { cwd: root, env: { ...environment, LOCALHOST_RPC_URL: rpcUrl }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2000);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0)
    throw new StemmaError("DEMO_STEP_FAILED", { step: `the deployment ended with: ${output.trim()}` });
}
