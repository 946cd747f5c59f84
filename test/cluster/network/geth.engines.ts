import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { resolveGeth } from "../../../cluster/engines/geth.ts";
import { gethFlags, gethInitFlags } from "../../../cluster/network/configuration/gethFlags.ts";
import { nodeFiles } from "../../../cluster/network/configuration/nodeFiles.ts";
import { openNetworkFolder } from "../../../cluster/network/networkFolder.ts";
import { clusterNodes, type NodePorts } from "../../../cluster/spec/nodes.ts";
import { parseSpec } from "../../../cluster/spec/readSpec.ts";
import { bytesToHex, utf8 } from "../../../protocol/bytes.ts";
import { keccak256 } from "../../../protocol/hash.ts";

const run = promisify(execFile);
/** The first build of geth takes minutes. */
const BUILD_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 60_000;
/** Enough accounts that the trie has branches, extensions and leaves at several depths. */
const ACCOUNTS = Array.from({ length: 300 }, (_, i) =>
  bytesToHex(keccak256(utf8(`account ${i}`)).subarray(12)),
);
const SPEC = `engine: geth
nodes: {validator: 1, archive: 1, observer: 1}
resources: {validator: {requests: {memory: 1Gi}}, archive: {requests: {memory: 1Gi}}}
allocations:
${ACCOUNTS.map((address, i) => `  - {address: ${address}, balanceWei: ${10n ** BigInt(i % 30) * BigInt(i + 1)}}`).join("\n")}
`;

/** Ports that nothing listens at just now, all different. */
async function freePorts(): Promise<NodePorts> {
  const servers = Array.from({ length: 5 }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(address && typeof address === "object");
    ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  const [p2p = 0, rpc = 0, ws = 0, engine = 0, metrics = 0] = ports;
  return { p2p, rpc, ws, engine, metrics, conductor: null };
}

describe("a geth of the generated network", () => {
  let binary = "";
  let folder = "";

  before(
    async () => {
      binary = await resolveGeth({ env: process.env, cacheDir: ".stemma/bin" });
      folder = await mkdtemp(join(tmpdir(), "stemma-network-"));
    },
    { timeout: BUILD_TIMEOUT_MS },
  );
  after(() => rm(folder, { recursive: true, force: true }));

  for (const role of ["validator", "archive"] as const) {
    test(`takes genesis and flags of role ${role}, and has the hash and the key that were computed`, async () => {
      const { spec } = parseSpec(SPEC, "f");
      const planned = clusterNodes(spec).find((candidate) => candidate.role === role);
      assert.ok(planned);
      const node = { ...planned, ports: await freePorts() };
      const home = join(folder, role);
      const made = await openNetworkFolder(spec, { folder: join(home, "network") });
      const paths = {
        dataDir: join(home, "data"),
        genesisFile: join(made.folder, "genesis.json"),
        nodeKeyFile: join(made.folder, "nodes", node.name, "nodekey"),
        jwtFile: join(made.folder, "nodes", node.name, "jwt.hex"),
        configDir: join(home, "config"),
      };
      await mkdir(paths.configDir);
      for (const file of nodeFiles(spec, made.network, node)) {
        await writeFile(join(paths.configDir, file.name), file.content);
      }
      await run(binary, gethInitFlags(node, paths), { timeout: RUN_TIMEOUT_MS });
      const flags = gethFlags(spec, node, paths);
      const script = "JSON.stringify([eth.getBlock(0).hash, eth.chainId(), admin.nodeInfo.enode])";
      const { stdout } = await run(binary, [...flags, "console", "--exec", script], {
        timeout: RUN_TIMEOUT_MS,
      });
      const [hash, chainId, enode] = JSON.parse(JSON.parse(stdout.trim()));
      assert.equal(hash, made.network.genesisHash);
      assert.equal(Number(chainId), spec.chain.id);
      const identity = made.network.nodes.find(({ name }) => name === node.name);
      assert.ok(
        String(enode).startsWith(`enode://${identity?.publicKey.slice(2)}@127.0.0.1:`),
        String(enode),
      );
    });
  }
});
