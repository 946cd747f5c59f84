import type { ClusterSpec } from "./schema.ts";
import { NODE_ROLES, type NodeRole } from "./schema.ts";

/** Ports of one node. */
export type NodePorts = {
  readonly p2p: number;
  readonly rpc: number;
  readonly ws: number;
  readonly metrics: number;
  /** Only geth has one. */
  readonly engine: number | null;
  /** Only beside geth. */
  readonly conductor: number | null;
};

/** One node of a cluster: a geth with its conductor, or a Besu. */
export type ClusterNode = {
  /** `validator-0`: stable, also the name of its folder and container. */
  readonly name: string;
  readonly role: NodeRole;
  /** Among all nodes. */
  readonly index: number;
  /** Among the nodes of its role. */
  readonly ordinal: number;
  /** How other nodes find it: an address of loopback, or a DNS name inside the target. */
  readonly host: string;
  readonly ports: NodePorts;
};

/** One etcd member. */
export type EtcdMember = {
  readonly name: string;
  readonly ordinal: number;
  readonly host: string;
  readonly ports: { readonly client: number; readonly peer: number };
};

type PortsOf = Pick<ClusterSpec, "engine" | "target" | "ports">;

/** All nodes of a spec, validators first; the order never changes while counts only grow in the last role used. */
export function clusterNodes(spec: ClusterSpec): ClusterNode[] {
  const nodes: ClusterNode[] = [];
  for (const role of NODE_ROLES) {
    for (let ordinal = 0; ordinal < spec.nodes[role]; ordinal++) {
      const index = nodes.length;
      const host = hostOf(spec, role, ordinal);
      nodes.push({ name: `${role}-${ordinal}`, role, index, ordinal, host, ports: nodePorts(spec, index) });
    }
  }
  return nodes;
}

/** The etcd members of a spec; none for Besu. */
export function etcdMembers(spec: ClusterSpec): EtcdMember[] {
  return Array.from({ length: spec.etcd?.members ?? 0 }, (_, ordinal) => ({
    name: `etcd-${ordinal}`,
    ordinal,
    host: hostOf(spec, "etcd", ordinal),
    ports: etcdPorts(spec, ordinal),
  }));
}

/** Ports of the node with this index: programs on one machine share its ports, containers have their own. */
export function nodePorts(spec: PortsOf, index: number): NodePorts {
  const shift = shiftOf(spec, index);
  const { ports } = spec;
  const isGeth = spec.engine === "geth";
  return {
    p2p: ports.p2p + shift,
    rpc: ports.rpc + shift,
    ws: ports.ws + shift,
    metrics: ports.metrics + shift,
    engine: isGeth ? ports.engine + shift : null,
    conductor: isGeth ? ports.conductor + shift : null,
  };
}

/** Ports of the etcd member with this ordinal. */
export function etcdPorts(spec: PortsOf, ordinal: number): EtcdMember["ports"] {
  const shift = shiftOf(spec, ordinal);
  return { client: spec.ports.etcdClient + shift, peer: spec.ports.etcdPeer + shift };
}

function shiftOf(spec: PortsOf, index: number): number {
  return spec.target === "process" ? index * spec.ports.step : 0;
}

function hostOf(spec: ClusterSpec, set: string, ordinal: number): string {
  if (spec.target === "process") return "127.0.0.1";
  // Compose: the name of the service. Kubernetes: the pod's name under the headless service of its StatefulSet.
  if (spec.target === "compose") return `${set}-${ordinal}`;
  return `${spec.name}-${set}-${ordinal}.${spec.name}-${set}`;
}
