import type { ClusterNode } from "../../spec/nodes.ts";
import type { ClusterSpec } from "../../spec/schema.ts";

/** Where one node finds its things; as the node sees them, which in a container isn't where they lie outside. */
export type NodePaths = {
  readonly dataDir: string;
  readonly genesisFile: string;
  readonly nodeKeyFile: string;
  /** geth only. */
  readonly jwtFile: string;
  /** Holds what `nodeFiles` gives. */
  readonly configDir: string;
};

/** A file that one node needs, beside its keys and genesis. */
export type NodeFile = { readonly name: string; readonly content: string };

/** Where programs listen for others: only on this machine, or on all addresses of the container. */
export function listenHost(spec: ClusterSpec): string {
  return spec.target === "process" ? "127.0.0.1" : "0.0.0.0";
}

/**
 * Names that a request may call the node by. On one machine that keeps web pages out, which reach loopback under a name of their own. In
 * containers probes come by address and clients by the name of a service, and who gets through is the network's business.
 */
export function allowedHosts(spec: ClusterSpec): string[] {
  return spec.target === "process" ? ["localhost", "127.0.0.1"] : ["*"];
}

/** Validators answer queries only where no other node is there for it. */
export function servesRpc(spec: ClusterSpec, node: ClusterNode): boolean {
  if (node.role === "rpc" || node.role === "archive") return true;
  return node.role === "validator" && spec.nodes.rpc + spec.nodes.archive === 0;
}

/** Room for every other node to dial in and be dialled, above the engines' own defaults. */
export function maxPeers(nodes: number): number {
  return Math.max(50, 3 * nodes);
}
