import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { enodeUrl, identityOf, isNodeKey } from "../../../cluster/network/keys/nodeKey.ts";
import { seededSecrets } from "../../../cluster/network/keys/secrets.ts";
import { createSecrets } from "../../../cluster/network/network.ts";
import { openNetworkFolder } from "../../../cluster/network/networkFolder.ts";
import { parseSpec } from "../../../cluster/spec/readSpec.ts";
import { hexToBytes, utf8 } from "../../../protocol/bytes.ts";

const SEED = utf8("a seed for tests, known to all");
const spec = (text: string) => parseSpec(text, "f").spec;
const GETH = spec("engine: geth\nnodes: {validator: 3}\n");
const BESU = spec("engine: besu\nnodes: {validator: 4, rpc: 1}\n");

let root = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "stemma-network-"));
});
after(() => rm(root, { recursive: true, force: true }));

/** Every file below a folder with its text. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.sort().map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")]),
  );
  return Object.fromEntries(texts);
}

/** A new network in a folder of this name. */
async function made(name: string, seed?: Uint8Array): Promise<string> {
  const folder = join(root, name);
  await openNetworkFolder(GETH, seed ? { folder, seed } : { folder });
  return folder;
}

describe("keys of nodes", () => {
  test("give the addresses and ids that others compute", () => {
    // Ganache's and Hardhat's first account.
    const key = hexToBytes("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    const { address, publicKey } = identityOf(key);
    assert.equal(address, "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    assert.equal(
      enodeUrl(publicKey, "10.0.0.1", 30303),
      `enode://${publicKey.slice(2)}@10.0.0.1:30303?discport=0`,
    );
    assert.throws(() => enodeUrl(address, "10.0.0.1", 30303), { name: "INVALID_HEX" });
    assert.equal(isNodeKey(new Uint8Array(32)), false);
  });

  test("follow from the seed, the network and the node, and from nothing else", () => {
    const keys = (seed: Uint8Array, network: string) =>
      [...createSecrets(GETH, seededSecrets(seed, network)).values()].flatMap(({ nodeKey, jwtSecret }) => [
        Buffer.from(nodeKey).toString("hex"),
        Buffer.from(jwtSecret ?? []).toString("hex"),
      ]);
    assert.deepEqual(keys(SEED, "a/1"), keys(SEED, "a/1"));
    const all = [
      ...keys(SEED, "a/1"),
      ...keys(SEED, "a/2"),
      ...keys(utf8("another seed than that one"), "a/1"),
    ];
    assert.equal(new Set(all).size, 18);
    // HKDF-SHA-256 of this seed, salt and label, made with OpenSSL: a change would give every network other keys.
    assert.equal(keys(SEED, "a/1")[0], "ec50fee1aed1ccfa3c863d7f95cf68fdf8c1806fe9a69ef1aae1443e2e0695e2");
  });

  test("are refused from a seed that can be guessed", () => {
    assert.throws(() => seededSecrets(utf8("short"), "a"), { name: "NETWORK_SEED_INVALID" });
    assert.throws(() => seededSecrets(new Uint8Array(32), "a"), { name: "NETWORK_SEED_INVALID" });
  });
});

describe("the folder of a network", () => {
  test("holds keys that only its owner can read, and genesis", async () => {
    const folder = await made("modes");
    const files = await contents(folder);
    assert.deepEqual(Object.keys(files), [
      "genesis.json",
      "network.json",
      ...[0, 1, 2].flatMap((i) => [`nodes/validator-${i}/jwt.hex`, `nodes/validator-${i}/nodekey`]),
    ]);
    for (const file of Object.keys(files))
      assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file);
    for (const path of ["", "nodes", "nodes/validator-0"]) {
      assert.equal((await stat(join(folder, path))).mode & 0o777, 0o700, path);
    }
    assert.match(files["nodes/validator-0/nodekey"] ?? "", /^[0-9a-f]{64}$/);
    assert.ok(!/nodeKey|jwt/i.test(files["network.json"] ?? "jwt"));
  });

  test("is left as it is when opened again", async () => {
    const folder = join(root, "again");
    const first = await openNetworkFolder(GETH, { folder });
    const before = await contents(folder);
    const second = await openNetworkFolder(GETH, { folder });
    assert.deepEqual([first.isNew, second.isNew], [true, false]);
    assert.deepEqual({ ...second, isNew: true }, first);
    assert.deepEqual(await contents(folder), before);
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.startsWith(".")),
      [],
    );
  });

  test("is the same from the same seed, and another without one", async () => {
    const [one, two, other] = [await made("seed-1", SEED), await made("seed-2", SEED), await made("random")];
    assert.deepEqual(await contents(one), await contents(two));
    assert.notDeepEqual(await contents(one), await contents(other));
    await openNetworkFolder(GETH, { folder: one, seed: SEED });
    await assert.rejects(openNetworkFolder(GETH, { folder: other, seed: SEED }), {
      name: "NETWORK_SEED_DIFFERS",
    });
  });

  test("has one winner where two processes make it at once", async () => {
    const folder = join(root, "race");
    const opened = await Promise.all(Array.from({ length: 4 }, () => openNetworkFolder(GETH, { folder })));
    assert.equal(opened.filter(({ isNew }) => isNew).length, 1);
    for (const { network } of opened) assert.deepEqual(network, opened[0]?.network);
  });

  test("of Besu has its validators in genesis and no JWT secret", async () => {
    const folder = join(root, "besu");
    const { network, genesis } = await openNetworkFolder(BESU, { folder });
    const addressed = network.nodes.map(({ role, address }) => [
      role,
      genesis.extraData.includes(address.slice(2)),
    ]);
    assert.deepEqual(addressed, [...Array.from({ length: 4 }, () => ["validator", true]), ["rpc", false]]);
    assert.ok(!Object.keys(await contents(folder)).some((file) => file.endsWith("jwt.hex")));
  });

  test("of someone else is refused and not touched", async () => {
    const folder = join(root, "foreign");
    await mkdir(folder);
    await writeFile(join(folder, "thesis.doc"), "precious");
    await assert.rejects(openNetworkFolder(GETH, { folder }), { name: "NETWORK_FOLDER_FOREIGN" });
    assert.deepEqual(await contents(folder), { "thesis.doc": "precious" });
    const file = join(folder, "thesis.doc");
    await assert.rejects(openNetworkFolder(GETH, { folder: file }), { name: "NETWORK_FOLDER_FOREIGN" });
  });

  test("is refused by the name of the file that is missing or cut off", async () => {
    const cases: [string, string | null][] = [
      ["network.json", null],
      ["network.json", "{"],
      ["genesis.json", null],
      ["genesis.json", "{"],
      ["nodes/validator-1/nodekey", null],
      ["nodes/validator-1/nodekey", "ab"],
      ["nodes/validator-1/nodekey", "00".repeat(32)],
      ["nodes/validator-1/nodekey", "11".repeat(32)],
      ["nodes/validator-2/jwt.hex", null],
      ["nodes/validator-2/jwt.hex", ""],
    ];
    for (const [i, [file, text]] of cases.entries()) {
      const folder = await made(`partial-${i}`);
      await (text === null ? unlink(join(folder, file)) : writeFile(join(folder, file), text));
      const before = await contents(folder);
      await assert.rejects(openNetworkFolder(GETH, { folder }), (error) => {
        assert.ok(error instanceof Error && "values" in error);
        assert.deepEqual(
          [error.name, Reflect.get(Object(error.values), "missing")],
          ["NETWORK_FOLDER_PARTIAL", file],
        );
        return true;
      });
      assert.deepEqual(await contents(folder), before);
    }
  });

  test("is refused for a spec that gives another network", async () => {
    const folder = await made("spec");
    const others = [
      "engine: geth\nnodes: {validator: 3}\nname: other\n",
      "engine: geth\nnodes: {validator: 3}\nchain: {id: 5}\n",
      "engine: geth\nnodes: {validator: 3}\nchain: {gasLimit: 30000000}\n",
      "engine: geth\nnodes: {validator: 3}\nchain: {genesisTimestamp: 1}\n",
      "engine: geth\nnodes: {validator: 4}\n",
      "engine: besu\nnodes: {validator: 3}\n",
    ];
    for (const text of others) {
      await assert.rejects(openNetworkFolder(spec(text), { folder }), { name: "NETWORK_SPEC_DIFFERS" }, text);
    }
    // The period of QBFT stands in genesis, but not in its hash.
    const besu = join(root, "spec-besu");
    await openNetworkFolder(BESU, { folder: besu });
    const slower = spec("engine: besu\nnodes: {validator: 4, rpc: 1}\nchain: {blockPeriodSeconds: 2}\n");
    await assert.rejects(openNetworkFolder(slower, { folder: besu }), { name: "NETWORK_SPEC_DIFFERS" });
    // Ports aren't part of the network.
    await openNetworkFolder(spec("engine: geth\nnodes: {validator: 3}\nports: {rpc: 9001}\n"), { folder });
  });

  test("is refused where others can read a key", async () => {
    const folder = await made("exposed");
    await chmod(join(folder, "nodes/validator-0/nodekey"), 0o644);
    await assert.rejects(openNetworkFolder(GETH, { folder }), { name: "NETWORK_FILE_EXPOSED" });
  });
});
