import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { equalBytes, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { clusterNodes } from "../spec/nodes.ts";
import type { ClusterSpec } from "../spec/schema.ts";
import type { Genesis } from "./genesis/genesis.ts";
import { identityOf, isNodeKey } from "./keys/nodeKey.ts";
import { randomSecrets, seededSecrets } from "./keys/secrets.ts";
import {
  buildNetwork,
  createSecrets,
  identitiesOf,
  type Network,
  type NodeSecrets,
  networkLabel,
  secretText,
} from "./network.ts";

/** A network's keys and genesis on disk. */
export type NetworkFolder = {
  readonly folder: string;
  readonly network: Network;
  readonly genesis: Genesis;
  readonly secrets: ReadonlyMap<string, NodeSecrets>;
  /** False where the folder was there before. */
  readonly isNew: boolean;
};

export type NetworkFolderOptions = {
  readonly folder: string;
  /** Makes the keys follow from it; without one they are random. */
  readonly seed?: Uint8Array;
};

const FORMAT = "stemma-network/1";
const NETWORK_FILE = "network.json";
const GENESIS_FILE = "genesis.json";
const NODE_KEY_FILE = "nodekey";
const JWT_FILE = "jwt.hex";
const SECRET_BYTES = 32;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const OTHERS = 0o077;

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`))
    .transform((value) => value as Hex);
const networkSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string(),
  engine: z.enum(["geth", "besu"]),
  chainId: z.int(),
  genesisHash: hex(SECRET_BYTES),
  nodes: z.array(
    z.strictObject({
      name: z.string(),
      role: z.enum(["validator", "rpc", "archive", "observer"]),
      publicKey: hex(64),
      address: hex(20),
    }),
  ),
});

/**
 * Keys and genesis of a spec's network: made where the folder is new or empty, else read and checked. The folder appears whole or not
 * at all, and what is in it is never written again. Files are readable by their owner only.
 *
 * @throws NETWORK_SEED_INVALID, NETWORK_SEED_DIFFERS, NETWORK_FOLDER_FOREIGN, NETWORK_FOLDER_PARTIAL, NETWORK_SPEC_DIFFERS,
 * NETWORK_FILE_EXPOSED
 */
export async function openNetworkFolder(
  spec: ClusterSpec,
  options: NetworkFolderOptions,
): Promise<NetworkFolder> {
  const folder = resolve(options.folder);
  const seeded = options.seed && createSecrets(spec, seededSecrets(options.seed, networkLabel(spec)));
  if (await isEmpty(folder)) {
    const made = await create(spec, folder, seeded ?? createSecrets(spec, randomSecrets));
    if (made) return made;
  }
  const found = await read(spec, folder);
  if (seeded && !isSame(seeded, found.secrets)) throw new StemmaError("NETWORK_SEED_DIFFERS", { folder });
  return found;
}

/** Null where another process made the folder meanwhile. */
async function create(
  spec: ClusterSpec,
  folder: string,
  secrets: ReadonlyMap<string, NodeSecrets>,
): Promise<NetworkFolder | null> {
  const { network, genesis } = buildNetwork(spec, identitiesOf(secrets));
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(join(dirname(folder), `.${basename(folder)}.${randomUUID().slice(0, 8)}-`));
  try {
    const write = (path: string, text: string) =>
      writeFile(join(partial, path), text, { mode: PRIVATE_FILE, flag: "wx", flush: true });
    for (const [name, { nodeKey, jwtSecret }] of secrets) {
      await mkdir(join(partial, "nodes", name), { recursive: true, mode: PRIVATE_FOLDER });
      await write(join("nodes", name, NODE_KEY_FILE), secretText(nodeKey));
      if (jwtSecret) await write(join("nodes", name, JWT_FILE), secretText(jwtSecret));
    }
    await write(GENESIS_FILE, json(genesis));
    await write(NETWORK_FILE, json({ format: FORMAT, ...network }));
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (isErrno(error, "ENOTEMPTY") || isErrno(error, "EEXIST")) return null;
    throw error;
  }
  return { folder, network, genesis, secrets, isNew: true };
}

async function read(spec: ClusterSpec, folder: string): Promise<NetworkFolder> {
  const found = (await readdir(folder)).sort();
  if (!found.includes(NETWORK_FILE)) {
    const isOurs = found.includes(GENESIS_FILE) && found.includes("nodes");
    if (isOurs) throw partialFolder(folder, NETWORK_FILE);
    throw new StemmaError("NETWORK_FOLDER_FOREIGN", { folder, found: found.slice(0, 5).join(", ") });
  }
  const stored = networkSchema.safeParse(parseJson(await readText(folder, NETWORK_FILE)));
  if (!stored.success) throw partialFolder(folder, NETWORK_FILE);
  const { format: _, ...network } = stored.data;
  refuseOtherSpec(spec, folder, network);
  const secrets = new Map<string, NodeSecrets>();
  for (const node of network.nodes) {
    const path = (file: string) => join("nodes", node.name, file);
    const nodeKey = await readSecret(folder, path(NODE_KEY_FILE));
    const identity = isNodeKey(nodeKey) ? identityOf(nodeKey) : null;
    if (identity?.publicKey !== node.publicKey || identity.address !== node.address) {
      throw partialFolder(folder, path(NODE_KEY_FILE));
    }
    const jwtSecret = network.engine === "geth" ? await readSecret(folder, path(JWT_FILE)) : null;
    secrets.set(node.name, { nodeKey, jwtSecret });
  }
  const built = buildNetwork(spec, identitiesOf(secrets));
  if (built.network.genesisHash !== network.genesisHash) {
    const difference = `the spec gives genesis ${built.network.genesisHash}, the folder has ${network.genesisHash}`;
    throw new StemmaError("NETWORK_SPEC_DIFFERS", { folder, difference });
  }
  // The hash leaves out the configuration, so that the file is compared as a whole.
  const genesisText = await readText(folder, GENESIS_FILE);
  if (parseJson(genesisText) === null) throw partialFolder(folder, GENESIS_FILE);
  if (genesisText !== json(built.genesis)) {
    throw new StemmaError("NETWORK_SPEC_DIFFERS", {
      folder,
      difference: "the configuration in genesis.json",
    });
  }
  return { folder, network, genesis: built.genesis, secrets, isNew: false };
}

function refuseOtherSpec(spec: ClusterSpec, folder: string, network: Network): void {
  const names = (nodes: readonly { name: string }[]) => nodes.map((node) => node.name).join(", ");
  const pairs: readonly [string, string | number, string | number][] = [
    ["name", spec.name, network.name],
    ["engine", spec.engine, network.engine],
    ["chain.id", spec.chain.id, network.chainId],
    ["nodes", names(clusterNodes(spec)), names(network.nodes)],
  ];
  for (const [key, wanted, stored] of pairs) {
    if (wanted === stored) continue;
    const difference = `${key} is ${wanted} in the spec, ${stored} in the folder`;
    throw new StemmaError("NETWORK_SPEC_DIFFERS", { folder, difference });
  }
}

async function readSecret(folder: string, path: string): Promise<Uint8Array> {
  const text = await readText(folder, path);
  try {
    return hexToBytes(`0x${text.trim()}`, { bytes: SECRET_BYTES, field: path });
  } catch {
    // Neither the text nor a cause that shows it: most of a key is a key to whoever reads the log.
    throw partialFolder(folder, path);
  }
}

async function readText(folder: string, path: string): Promise<string> {
  const file = join(folder, path);
  const { mode } = await stat(file).catch((cause: unknown) => {
    throw new StemmaError("NETWORK_FOLDER_PARTIAL", { folder, missing: path }, { cause });
  });
  if ((mode & OTHERS) !== 0) {
    throw new StemmaError("NETWORK_FILE_EXPOSED", { file, mode: (mode & 0o777).toString(8) });
  }
  return readFile(file, "utf8");
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    if (isErrno(error, "ENOTDIR"))
      throw new StemmaError("NETWORK_FOLDER_FOREIGN", { folder, found: "a file" });
    throw error;
  }
}

function isSame(a: ReadonlyMap<string, NodeSecrets>, b: ReadonlyMap<string, NodeSecrets>): boolean {
  return [...a].every(([name, { nodeKey, jwtSecret }]) => {
    const other = b.get(name);
    const jwt = other?.jwtSecret ?? new Uint8Array(0);
    return other && equalBytes(nodeKey, other.nodeKey) && equalBytes(jwtSecret ?? new Uint8Array(0), jwt);
  });
}

function partialFolder(folder: string, missing: string): StemmaError {
  return new StemmaError("NETWORK_FOLDER_PARTIAL", { folder, missing });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
