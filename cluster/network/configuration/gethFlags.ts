import { join } from "node:path/posix";
import { bytesOf } from "../../spec/fields.ts";
import { type ClusterNode, clusterNodes } from "../../spec/nodes.ts";
import type { ClusterSpec } from "../../spec/schema.ts";
import { GETH_CONFIG_FILE } from "./nodeFiles.ts";
import { allowedHosts, listenHost, maxPeers, type NodePaths, servesRpc } from "./nodePaths.ts";

/** Shortest useful rebuild period, and so the longest that filling a block may take. */
const MIN_RECOMMIT_MS = 250;
/** Rebuilds of a block within its period. */
const REBUILDS = 4;
/** A pipeline has few senders with many transactions each; the pool's defaults are for the opposite. */
const POOL = { accountslots: 4_096, accountqueue: 8_192, globalslots: 16_384, globalqueue: 16_384 };
const MIN_CACHE_MIB = 256;
const MAX_CACHE_MIB = 4_096;

/** How geth's database is kept: an archive writes every block's state, others only the latest. */
function gethStateScheme(node: ClusterNode): "path" | "hash" {
  return node.role === "archive" ? "hash" : "path";
}

/** Command line that writes genesis into an empty data folder. */
export function gethInitFlags(node: ClusterNode, paths: NodePaths): string[] {
  return ["init", `--datadir=${paths.dataDir}`, `--state.scheme=${gethStateScheme(node)}`, paths.genesisFile];
}

/**
 * Command line of one geth. Namespaces that change or inspect the node (`admin`, `debug`, `testing`, `engine`) are on no public port.
 */
export function gethFlags(spec: ClusterSpec, node: ClusterNode, paths: NodePaths): string[] {
  const { ports } = node;
  const host = listenHost(spec);
  return [
    `--datadir=${paths.dataDir}`,
    `--config=${join(paths.configDir, GETH_CONFIG_FILE)}`,
    `--networkid=${spec.chain.id}`,
    `--nodekey=${paths.nodeKeyFile}`,
    // In snap mode payloads after the first are put off.
    "--syncmode=full",
    `--state.scheme=${gethStateScheme(node)}`,
    `--gcmode=${node.role === "archive" ? "archive" : "full"}`,
    // The index of transactions and logs reaches back 2,350,000 blocks by default: 27 days at one a second.
    "--history.transactions=0",
    "--history.logs=0",
    `--cache=${cacheMib(spec, node)}`,
    ...peerFlags(spec, node),
    "--ipcdisable",
    ...(servesRpc(spec, node) ? rpcFlags(spec, node, host) : []),
    ...engineFlags(spec, node, paths),
    "--metrics",
    `--metrics.addr=${host}`,
    `--metrics.port=${ports.metrics}`,
    // No free gas: a price of 0 is put back to the default, 1,000,000 wei for the miner. 1 is the least.
    "--miner.gasprice=1",
    "--txpool.pricelimit=1",
    `--miner.gaslimit=${spec.chain.gasLimit}`,
    `--miner.recommit=${recommitMs(spec)}ms`,
    ...Object.entries(POOL).map(([name, size]) => `--txpool.${name}=${size}`),
  ];
}

function peerFlags(spec: ClusterSpec, node: ClusterNode): string[] {
  const isLocal = spec.target === "process";
  return [
    "--nodiscover",
    `--port=${node.ports.p2p}`,
    `--maxpeers=${maxPeers(clusterNodes(spec).length)}`,
    `--nat=${natOf(spec)}`,
    ...(isLocal ? ["--netrestrict=127.0.0.0/8"] : []),
  ];
}

/** The address that a node tells others. Kubernetes fills POD_IP in, which the manifest has to define. */
function natOf({ target }: ClusterSpec): string {
  if (target === "process") return "extip:127.0.0.1";
  return target === "kubernetes" ? "extip:$(POD_IP)" : "none";
}

function rpcFlags(spec: ClusterSpec, node: ClusterNode, host: string): string[] {
  return [
    "--http",
    `--http.addr=${host}`,
    `--http.port=${node.ports.rpc}`,
    "--http.api=eth,net,web3",
    `--http.vhosts=${allowedHosts(spec).join(",")}`,
    "--ws",
    `--ws.addr=${host}`,
    `--ws.port=${node.ports.ws}`,
    "--ws.api=eth,net,web3",
  ];
}

/** Only Compose puts the conductor into another container; elsewhere it reaches the engine over loopback. */
function engineFlags(spec: ClusterSpec, node: ClusterNode, paths: NodePaths): string[] {
  const isApart = spec.target === "compose";
  return [
    `--authrpc.addr=${isApart ? "0.0.0.0" : "127.0.0.1"}`,
    `--authrpc.port=${node.ports.engine}`,
    `--authrpc.vhosts=${isApart ? node.host : "localhost"}`,
    `--authrpc.jwtsecret=${paths.jwtFile}`,
  ];
}

function recommitMs(spec: ClusterSpec): number {
  return Math.max(MIN_RECOMMIT_MS, Math.floor((spec.chain.blockPeriodSeconds * 1_000) / REBUILDS));
}

/** A quarter of the memory that the node is promised. */
function cacheMib(spec: ClusterSpec, node: ClusterNode): number {
  const quarter = bytesOf(spec.resources[node.role].requests.memory) / 2 ** 20 / 4;
  return Math.min(MAX_CACHE_MIB, Math.max(MIN_CACHE_MIB, Math.floor(quarter)));
}
