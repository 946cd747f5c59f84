import { join } from "node:path/posix";
import { type ClusterNode, clusterNodes } from "../../spec/nodes.ts";
import type { ClusterSpec } from "../../spec/schema.ts";
import { BESU_PERMISSIONS_FILE, BESU_STATIC_NODES_FILE } from "./nodeFiles.ts";
import { allowedHosts, listenHost, maxPeers, type NodePaths, servesRpc } from "./nodePaths.ts";

/** Cheapest transaction there is: no block holds more than the gas limit over this. */
const TRANSACTION_GAS = 21_000;
/** Full blocks that wait in the pool before it drops transactions. */
const POOL_BLOCKS = 2;
const MIN_POOL_SIZE = 4_096;
const MAX_REQUEST_BYTES = 5_242_880;
const RPC_CONNECTIONS = 300;
const MAX_LOGS_RANGE = 5_000;

/** Command line of one Besu. Validators alone offer QBFT, for votes; ADMIN, DEBUG and PERM are on no port. */
export function besuFlags(spec: ClusterSpec, node: ClusterNode, paths: NodePaths): string[] {
  const host = listenHost(spec);
  return [
    `--data-path=${paths.dataDir}`,
    `--genesis-file=${paths.genesisFile}`,
    `--network-id=${spec.chain.id}`,
    `--node-private-key-file=${paths.nodeKeyFile}`,
    "--sync-mode=FULL",
    "--sync-min-peers=1",
    // Only FOREST answers calls about states older than 512 blocks.
    `--data-storage-format=${node.role === "archive" ? "FOREST" : "BONSAI"}`,
    ...peerFlags(spec, node, paths, host),
    ...permissionFlags(spec, paths),
    ...rpcFlags(spec, node, host),
    "--metrics-enabled",
    `--metrics-host=${host}`,
    `--metrics-port=${node.ports.metrics}`,
    "--min-gas-price=0",
    // Up to 26.8.0 the option for proof of authority is ignored from Shanghai on, and selection takes up to 5 s.
    `--block-txs-selection-max-time=${spec.chain.blockPeriodSeconds * 500}`,
    "--tx-pool=sequenced",
    `--tx-pool-max-size=${poolSize(spec)}`,
    // The default leaves five transactions to each account.
    "--tx-pool-limit-by-account-percentage=1",
  ];
}

function peerFlags(spec: ClusterSpec, node: ClusterNode, paths: NodePaths, host: string): string[] {
  const isLocal = spec.target === "process";
  return [
    "--discovery-enabled=false",
    `--static-nodes-file=${join(paths.configDir, BESU_STATIC_NODES_FILE)}`,
    // Kubernetes fills POD_IP in, which the manifest has to define.
    `--p2p-host=${spec.target === "kubernetes" ? "$(POD_IP)" : node.host}`,
    `--p2p-interface=${host}`,
    `--p2p-port=${node.ports.p2p}`,
    `--max-peers=${maxPeers(clusterNodes(spec).length)}`,
    "--nat-method=NONE",
    // Names in enode URLs are refused without these two.
    ...(isLocal ? [] : ["--Xdns-enabled=true", "--Xdns-update-enabled=true"]),
  ];
}

function permissionFlags(spec: ClusterSpec, paths: NodePaths): string[] {
  const file = join(paths.configDir, BESU_PERMISSIONS_FILE);
  const kinds = [
    ...(spec.permissioning.nodes ? ["nodes"] : []),
    ...(spec.permissioning.accounts ? ["accounts"] : []),
  ];
  return kinds.flatMap((kind) => [
    `--permissions-${kind}-config-file-enabled=true`,
    `--permissions-${kind}-config-file=${file}`,
  ]);
}

/** HTTP is always on, for the probes `/liveness` and `/readiness` are there; WebSocket only where clients are served. */
function rpcFlags(spec: ClusterSpec, node: ClusterNode, host: string): string[] {
  const own = node.role === "validator" ? ["QBFT"] : [];
  const forClients = servesRpc(spec, node) ? ["WEB3", "TXPOOL"] : [];
  const api = ["ETH", "NET", ...forClients, ...own].join(",");
  return [
    "--rpc-http-enabled=true",
    `--rpc-http-host=${host}`,
    `--rpc-http-port=${node.ports.rpc}`,
    `--rpc-http-api=${api}`,
    `--rpc-http-max-request-content-length=${MAX_REQUEST_BYTES}`,
    `--rpc-http-max-active-connections=${RPC_CONNECTIONS}`,
    `--rpc-max-logs-range=${MAX_LOGS_RANGE}`,
    `--host-allowlist=${allowedHosts(spec).join(",")}`,
    ...(servesRpc(spec, node)
      ? [
          "--rpc-ws-enabled=true",
          `--rpc-ws-host=${host}`,
          `--rpc-ws-port=${node.ports.ws}`,
          "--rpc-ws-api=ETH,NET,WEB3",
        ]
      : []),
  ];
}

function poolSize(spec: ClusterSpec): number {
  return Math.max(MIN_POOL_SIZE, POOL_BLOCKS * Math.ceil(spec.chain.gasLimit / TRANSACTION_GAS));
}
