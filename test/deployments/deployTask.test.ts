import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { keccak256 } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { readDeployment } from "../../deployments/index.ts";
import { startChain, type TestChain } from "../helpers/chain.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");

type Run = { readonly code: number | null; readonly output: string };

function startDeploy(
  args: readonly string[],
  environment: Record<string, string>,
): { child: ChildProcess; done: Promise<Run> } {
  const child = spawn(process.execPath, [hardhat, "deploy", ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const done = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return { child, done };
}

/** Everything below a folder, by path, without Ignition's journal. */
function snapshotFolder(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("npx hardhat deploy", { timeout: 120_000 }, () => {
  let chain: TestChain;
  let directory: string;
  const onChain = (url = chain.rpcUrl) => ({ LOCALHOST_RPC_URL: url });
  const deploy = (...args: string[]) => startDeploy(["--directory", directory, ...args], onChain()).done;
  const journalFile = () => join(directory, "localhost", "journal", "journal.jsonl");
  const nonceOfDeployer = async () => {
    const address = chain.accounts[0]?.address;
    assert.ok(address);
    return chain.client.getTransactionCount({ address });
  };

  before(async () => {
    chain = await startChain();
  });
  after(() => chain.stop());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "stemma-deploy-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("writes a folder that agrees with the chain, and changes nothing when run again", async () => {
    const first = await deploy();
    assert.equal(first.code, 0, first.output);
    const deployment = readDeployment("localhost", { directory });
    assert.equal(deployment.chainId, 31337n);
    assert.equal(deployment.genesisHash, (await chain.client.getBlock({ blockNumber: 0n })).hash);
    assert.equal(deployment.log.operator, chain.accounts[0]?.address);
    for (const contract of Object.values(deployment.contracts)) {
      const code = await chain.client.getCode({ address: contract.address });
      assert.ok(code);
      assert.equal(keccak256(code), contract.codeHash);
      const receipt = await chain.client.getTransactionReceipt({ hash: contract.transactionHash });
      assert.equal(receipt.blockNumber, contract.blockNumber);
      assert.equal(receipt.contractAddress?.toLowerCase(), contract.address);
      assert.ok(contract.blockNumber >= deployment.startBlock);
      assert.match(contract.compiler.version, /^0\.8\.37/);
    }
    assert.equal(
      await chain.client
        .readContract({
          address: deployment.contracts.CheckpointAnchor.address,
          abi: deployment.contracts.CheckpointAnchor.abi,
          functionName: "operatorOf",
          args: [deployment.log.logId],
        })
        .then((operator) => String(operator).toLowerCase()),
      deployment.log.operator,
    );

    const files = snapshotFolder(join(directory, "localhost"));
    const nonce = await nonceOfDeployer();
    const second = await deploy();
    assert.equal(second.code, 0, second.output);
    assert.match(second.output, /Nothing to do/);
    assert.deepEqual(snapshotFolder(join(directory, "localhost")), files);
    assert.equal(await nonceOfDeployer(), nonce);
  });

  it("goes on after kill -9 while a transaction waits to be mined", async () => {
    const nonce = await nonceOfDeployer();
    await chain.setAutomine(false);
    const { child, done } = startDeploy(["--directory", directory], onChain());
    try {
      while (
        !existsSync(journalFile()) ||
        !readFileSync(journalFile(), "utf8").includes('"TRANSACTION_SEND"')
      ) {
        assert.equal(child.exitCode, null, "the deployment ended before it could be killed");
        await sleep(20);
      }
    } finally {
      child.kill("SIGKILL");
      await done;
      await chain.setAutomine(true);
    }
    assert.throws(() => readDeployment("localhost", { directory }), { name: "DEPLOYMENT_MISSING" });
    await chain.mine();

    const resumed = await deploy();
    assert.equal(resumed.code, 0, resumed.output);
    readDeployment("localhost", { directory });
    // Three contracts and one log: nothing was sent twice.
    assert.equal(await nonceOfDeployer(), nonce + 4);
    assert.match((await deploy()).output, /Nothing to do/);
  });

  // What the last line says: a contract or a call was begun, or its transaction is about to be sent.
  for (const [line, step] of [
    [2, "a contract was begun"],
    [4, "a contract's transaction is about to be sent"],
    [20, "the log's registration was begun"],
    [22, "the log's registration is about to be sent"],
  ] as const) {
    it(`goes on after kill -9 when ${step}`, async () => {
      const nonce = await nonceOfDeployer();
      const killed = await startDeploy(["--directory", directory], {
        ...onChain(),
        NODE_OPTIONS: `--import=${new URL("killAtLine.ts", import.meta.url)}`,
        TEST_KILL_AT_LINE: String(line),
      }).done;
      assert.equal(killed.code, null, killed.output);
      assert.throws(() => readDeployment("localhost", { directory }), { name: "DEPLOYMENT_MISSING" });

      const resumed = await deploy();
      assert.equal(resumed.code, 0, resumed.output);
      readDeployment("localhost", { directory });
      assert.equal(await nonceOfDeployer(), nonce + 4);
      assert.match((await deploy()).output, /Nothing to do/);
    });
  }

  it("adopts a transaction that was sent before its hash could be noted", async () => {
    assert.equal((await deploy()).code, 0);
    const before = readDeployment("localhost", { directory });
    const nonce = await nonceOfDeployer();
    // What kill -9 leaves between sending the last transaction and writing its hash down; the line that follows is cut off.
    const lines = readFileSync(journalFile(), "utf8").split("\n");
    const prepared = lines.findLastIndex((line) => line.includes('"TRANSACTION_PREPARE_SEND"'));
    writeFileSync(journalFile(), `${lines.slice(0, prepared + 1).join("\n")}\n{"futureId":"Stemm`);
    rmSync(join(directory, "localhost", "chain.json"));

    const resumed = await deploy();
    assert.equal(resumed.code, 0, resumed.output);
    assert.deepEqual(readDeployment("localhost", { directory }), before);
    assert.equal(await nonceOfDeployer(), nonce);
  });

  it("notices a chain that was started anew, and keeps the old folder when told to start over", async () => {
    assert.equal((await deploy()).code, 0);
    await using fresh = await startChain();
    const refused = await startDeploy(["--directory", directory], onChain(fresh.rpcUrl)).done;
    assert.equal(refused.code, 1);
    assert.match(refused.output, /STM-206/);
    const old = snapshotFolder(join(directory, "localhost"));
    const again = await startDeploy(["--directory", directory, "--reset"], onChain(fresh.rpcUrl)).done;
    assert.equal(again.code, 0, again.output);
    const moved = readdirSync(directory).find((name) => name.startsWith("localhost."));
    assert.ok(moved);
    assert.deepEqual(snapshotFolder(join(directory, moved)), old);
    const { genesisHash } = readDeployment("localhost", { directory });
    assert.equal(genesisHash, (await fresh.client.getBlock({ blockNumber: 0n })).hash);
  });

  it("refuses each thing that stands in its way with its own code, and leaves no deployment behind", async () => {
    await using other = await startChain({ chainId: 4242n });
    const remote = { STEMMA_RPC_URL: other.rpcUrl };
    const cases: [code: string, args: string[], environment: Record<string, string>][] = [
      ["STM-202", [], onChain("http://127.0.0.1:1")],
      ["STM-203", [], onChain(other.rpcUrl)],
      ["STM-203", ["--network", "remote"], { ...remote, STEMMA_CHAIN_ID: "1" }],
      ["STM-204", ["--network", "remote"], { ...remote, STEMMA_DEPLOYER_KEY: generatePrivateKey() }],
      ["STM-205", ["--network", "remote"], remote],
      ["STM-208", ["--network", "remote"], {}],
      ["STM-208", ["--network", "default"], {}],
    ];
    for (const [code, args, environment] of cases) {
      const run = await startDeploy(["--directory", directory, ...args], environment).done;
      assert.equal(run.code, 1, `${code}: ${run.output}`);
      assert.ok(run.output.includes(code), `expected ${code}: ${run.output}`);
    }
    assert.deepEqual(readdirSync(directory), []);
  });

  it("deploys to another chain with a key and names another operator and origin", async () => {
    await using other = await startChain({ chainId: 4242n });
    const [deployer, operator] = other.accounts;
    assert.ok(deployer && operator);
    const run = await startDeploy(["--directory", directory, "--network", "remote"], {
      STEMMA_RPC_URL: other.rpcUrl,
      STEMMA_DEPLOYER_KEY: deployer.privateKey,
      STEMMA_ANCHOR_OPERATOR: operator.address,
      STEMMA_LOG_ORIGIN: "example.org/log",
    }).done;
    assert.equal(run.code, 0, run.output);
    const { log, chainId } = readDeployment("remote", { directory });
    assert.equal(chainId, 4242n);
    assert.equal(log.origin, "example.org/log");
    assert.equal(log.operator, operator.address);
    for (const file of readdirSync(join(directory, "remote")).filter((name) => name.endsWith(".json"))) {
      const text = readFileSync(join(directory, "remote", file), "utf8");
      assert.ok(!text.includes(deployer.privateKey.slice(2)), `${file} holds the key`);
    }
  });

  it("refuses a second deployment to the same folder at the same time", async () => {
    writeFileSync(join(directory, ".localhost.lock"), String(process.pid));
    const run = await deploy();
    assert.equal(run.code, 1);
    assert.match(run.output, /STM-209/);
    writeFileSync(join(directory, ".localhost.lock"), "999999999");
    assert.equal((await deploy()).code, 0);
  });
});
