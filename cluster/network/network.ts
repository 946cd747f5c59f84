import { bytesToHex, type Hex } from "../../protocol/bytes.ts";
import { clusterNodes } from "../spec/nodes.ts";
import type { ClusterSpec, NodeRole } from "../spec/schema.ts";
import { besuGenesis } from "./genesis/besuGenesis.ts";
import { type Genesis, genesisHash } from "./genesis/genesis.ts";
import { gethGenesis } from "./genesis/gethGenesis.ts";
import { createNodeKey, identityOf, type NodeIdentity } from "./keys/nodeKey.ts";
import type { SecretSource } from "./keys/secrets.ts";

/** What everyone may know of a node. */
export type NetworkNode = NodeIdentity & { readonly name: string; readonly role: NodeRole };

/** What everyone may know of a network. */
export type Network = {
  readonly name: string;
  readonly engine: ClusterSpec["engine"];
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly nodes: readonly NetworkNode[];
};

/** What only one node may know. */
export type NodeSecrets = {
  /** 32 bytes of secp256k1: its name on the network, and under QBFT its vote. */
  readonly nodeKey: Uint8Array;
  /** 32 bytes, shared by a geth and its conductor; null for Besu. */
  readonly jwtSecret: Uint8Array | null;
};

/** Secrets for every node of a spec, by the node's name. */
export function createSecrets(spec: ClusterSpec, secret: SecretSource): ReadonlyMap<string, NodeSecrets> {
  return new Map(
    clusterNodes(spec).map(({ name }) => [
      name,
      {
        nodeKey: createNodeKey(secret, `node-key/${name}`),
        jwtSecret: spec.engine === "geth" ? secret(`jwt/${name}`) : null,
      },
    ]),
  );
}

/** What a seed's labels are told apart by. */
export function networkLabel(spec: ClusterSpec): string {
  return `${spec.name}/${spec.chain.id}`;
}

/** The network of a spec whose nodes have these identities, with its genesis. */
export function buildNetwork(
  spec: ClusterSpec,
  identities: ReadonlyMap<string, NodeIdentity>,
): { network: Network; genesis: Genesis } {
  const nodes = clusterNodes(spec).flatMap(({ name, role }): NetworkNode[] => {
    const identity = identities.get(name);
    return identity ? [{ name, role, address: identity.address, publicKey: identity.publicKey }] : [];
  });
  const validators = nodes.filter((node) => node.role === "validator").map((node) => node.address);
  const genesis = spec.engine === "geth" ? gethGenesis(spec) : besuGenesis(spec, validators);
  const network = {
    name: spec.name,
    engine: spec.engine,
    chainId: spec.chain.id,
    genesisHash: genesisHash(genesis, spec.chain.fork),
    nodes,
  };
  return { network, genesis };
}

/** Identities that secrets give. */
export function identitiesOf(secrets: ReadonlyMap<string, NodeSecrets>): Map<string, NodeIdentity> {
  return new Map([...secrets].map(([name, { nodeKey }]) => [name, identityOf(nodeKey)]));
}

/** The text of a secret's file, as both engines read it: hex without 0x. */
export function secretText(secret: Uint8Array): string {
  return bytesToHex(secret).slice(2);
}
