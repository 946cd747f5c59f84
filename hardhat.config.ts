import { createRequire } from "node:module";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";
import { tasks } from "./tasks/index.ts";
import { stemmaNetworks } from "./tasks/networks.ts";

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  tasks,
  networks: stemmaNetworks(process.env, { root: import.meta.dirname }),
  solidity: {
    version: "0.8.37",
    path: require.resolve("solc/soljson.js"),
    // The deployment's authority; its ABI is generated like those of our own contracts.
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: "cancun", viaIR: true },
  },
  // Enough to find a broken rule within seconds; a hunt for rare ones raises them.
  test: { solidity: { fuzz: { runs: 256 }, invariant: { runs: 24, depth: 48, failOnRevert: true } } },
  paths: { sources: "./contracts", tests: { mocha: "./test/contracts", solidity: "./test/contracts" } },
});
