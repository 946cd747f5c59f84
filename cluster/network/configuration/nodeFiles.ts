import { type ClusterNode, clusterNodes } from "../../spec/nodes.ts";
import type { ClusterSpec } from "../../spec/schema.ts";
import { enodeUrl } from "../keys/nodeKey.ts";
import type { Network } from "../network.ts";
import type { NodeFile } from "./nodePaths.ts";

export const GETH_CONFIG_FILE = "geth.toml";
export const BESU_STATIC_NODES_FILE = "static-nodes.json";
export const BESU_PERMISSIONS_FILE = "permissions_config.toml";

/**
 * Files that tell one node who the others are. Peers and allowlist come from the same list of addresses, so that no peer is dialled that
 * isn't allowed. They follow from the spec and the network: written anew at each start, unlike keys.
 */
export function nodeFiles(spec: ClusterSpec, network: Network, node: ClusterNode): NodeFile[] {
  const all = enodes(spec, network);
  const others = [...all].filter(([name]) => name !== node.name).map(([, url]) => url);
  if (spec.engine === "geth") return [{ name: GETH_CONFIG_FILE, content: gethConfig(others) }];
  const files = [{ name: BESU_STATIC_NODES_FILE, content: `${JSON.stringify(others, null, 2)}\n` }];
  const { nodes, accounts } = spec.permissioning;
  if (!nodes && !accounts) return files;
  const lists = [
    ...(nodes ? [tomlList("nodes-allowlist", [...all.values()])] : []),
    ...(accounts ? [tomlList("accounts-allowlist", accounts)] : []),
  ];
  return [...files, { name: BESU_PERMISSIONS_FILE, content: lists.join("") }];
}

/** How each node of the network is dialled, by its name. */
function enodes(spec: ClusterSpec, network: Network): Map<string, string> {
  const keys = new Map(network.nodes.map(({ name, publicKey }) => [name, publicKey]));
  return new Map(
    clusterNodes(spec).flatMap(({ name, host, ports }): [string, string][] => {
      const publicKey = keys.get(name);
      return publicKey ? [[name, enodeUrl(publicKey, host, ports.p2p)]] : [];
    }),
  );
}

/** Trusted nodes are let in even where all places are taken. */
function gethConfig(peers: readonly string[]): string {
  return `[Node.P2P]\n${tomlList("StaticNodes", peers)}${tomlList("TrustedNodes", peers)}`;
}

function tomlList(key: string, values: readonly string[]): string {
  return `${key} = [\n${values.map((value) => `  ${JSON.stringify(value)},\n`).join("")}]\n`;
}
