// Completes `npm ci` where it ran under a Node.js that is too old for Hardhat's native EDR package: npm then leaves that optional
// package out. A second pass under the Node.js of node_modules/.bin adds it, in a second or two, and changes nothing else.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scope = join(root, "node_modules", "@nomicfoundation");
const bin = join(root, "node_modules", ".bin");

const edrWanted = existsSync(join(scope, "edr"));
const edrPresent = edrWanted && readdirSync(scope).some((name) => name.startsWith("edr-"));
if (edrWanted && !edrPresent) {
  const result = spawnSync("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: root,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    console.error(
      "stemma: the chain simulator could not be installed for this platform. Run `npm ci` again with Node.js 24.",
    );
    process.exit(1);
  }
}
