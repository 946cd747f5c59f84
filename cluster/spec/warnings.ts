import { qbftQuorum } from "../../protocol/qbft.ts";
import type { ClusterSpec } from "./schema.ts";

/** Something legal that its owner will regret. */
export type SpecWarning = { readonly path: readonly string[]; readonly text: string };

/** EIP-7825: no transaction may use more gas than this under Osaka. */
const TRANSACTION_GAS_CAP = 2 ** 24;
/** Measured: at 100 million, blocks of full load keep a period of 1 s on two cores; at 1,000 million one took 7 s to import. */
const LARGE_GAS_PER_SECOND = 100_000_000;

/** What is legal in a spec but unwise, in the order of its keys. */
export function findWarnings(spec: ClusterSpec): SpecWarning[] {
  return [
    ...(spec.engine === "besu" ? validatorWarnings(spec.nodes.validator) : []),
    ...gasWarnings(spec),
    ...accountWarnings(spec),
    ...(spec.etcd ? etcdWarnings(spec.etcd.members, spec.nodes.validator) : []),
    ...imageWarnings(spec),
  ];
}

function validatorWarnings(validators: number): SpecWarning[] {
  const warn = (text: string): SpecWarning[] => [{ path: ["nodes", "validator"], text }];
  const stops = (n: number) => n - qbftQuorum(n);
  if (validators < 4) {
    return warn(`${count(validators, "QBFT validator")} can't bear one that lies; 4 can`);
  }
  // A validator more that buys neither a fault nor a stop only adds messages.
  if (byzantine(validators) === byzantine(validators - 1) && stops(validators) === stops(validators - 1)) {
    const stopped = count(stops(validators), "stopped validator");
    return warn(
      `${validators} QBFT validators bear no more than ${validators - 1} do (${stopped}); take ${validators - 1} or ${nextBetter(validators)}`,
    );
  }
  return [];
}

function gasWarnings({ chain }: ClusterSpec): SpecWarning[] {
  const path = ["chain", "gasLimit"];
  if (chain.gasLimit < TRANSACTION_GAS_CAP) {
    return [{ path, text: `a block can't hold the largest transaction, ${TRANSACTION_GAS_CAP} gas` }];
  }
  if (chain.gasLimit / chain.blockPeriodSeconds > LARGE_GAS_PER_SECOND) {
    const text = `above ${LARGE_GAS_PER_SECOND} gas a second a full block may take longer than its period`;
    return [{ path, text }];
  }
  return [];
}

function accountWarnings(spec: ClusterSpec): SpecWarning[] {
  if (spec.engine !== "geth" || spec.allocations.length > 0) return [];
  return [
    { path: ["allocations"], text: "geth takes no free transactions: without an allocation nobody can pay" },
  ];
}

function etcdWarnings(members: number, validators: number): SpecWarning[] {
  const path = ["etcd", "members"];
  const warnings: SpecWarning[] = [];
  if (members === 1) warnings.push({ path, text: "one etcd member: when it stops, the chain stops" });
  else if (members % 2 === 0) {
    const borne = count(Math.floor((members - 1) / 2), "lost member");
    warnings.push({ path, text: `${members} etcd members bear no more than ${members - 1} do (${borne})` });
  }
  if (validators === 1) {
    warnings.push({ path: ["nodes", "validator"], text: "one validator: when it stops, no other can lead" });
  }
  return warnings;
}

function imageWarnings(spec: ClusterSpec): SpecWarning[] {
  if (spec.target === "process") return [];
  return Object.entries(spec.images)
    .filter(([, image]) => image !== undefined && !image.includes("@sha256:"))
    .map(([name]) => ({
      path: ["images", name],
      text: "without a digest the image can change under its version",
    }));
}

function byzantine(validators: number): number {
  return Math.floor((validators - 1) / 3);
}

/** The next number of validators that bears one more that lies. */
function nextBetter(validators: number): number {
  return 3 * (byzantine(validators) + 1) + 1;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
