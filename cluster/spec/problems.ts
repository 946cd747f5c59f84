import { SYSTEM_CONTRACTS } from "../network/genesis/systemContracts.ts";
import { bytesOf } from "./fields.ts";
import { etcdPorts, nodePorts } from "./nodes.ts";
import { NODE_ROLES, type ParsedSpec } from "./schema.ts";

/** What is wrong with a spec, and where. */
export type SpecProblem = {
  readonly name: "SPEC_KEY_UNKNOWN" | "SPEC_KEY_MISSING" | "SPEC_VALUE_INVALID" | "SPEC_PORTS_COLLIDE";
  readonly path: readonly (string | number)[];
  readonly given: string;
  readonly allowed: string;
};

const MAX_PORT = 65_535;

/** What several keys together make impossible; each key by itself was found right. */
export function findProblems(spec: ParsedSpec): SpecProblem[] {
  return [
    ...engineProblems(spec),
    ...allocationProblems(spec),
    ...resourceProblems(spec),
    ...portProblems(spec),
  ];
}

function engineProblems(spec: ParsedSpec): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const { fork } = spec.chain;
  if (spec.engine === "geth") {
    if (fork !== undefined && fork !== "osaka") {
      problems.push(invalid(["chain", "fork"], fork, "osaka: the conductor speaks the methods of that fork"));
    }
    if (spec.permissioning.accounts) {
      const given = `a list of ${spec.permissioning.accounts.length}`;
      const allowed = "nothing: geth has no account allowlist, the contracts' roles decide who writes";
      problems.push(invalid(["permissioning", "accounts"], given, allowed));
    }
  }
  if (spec.engine === "besu" && spec.etcd) {
    problems.push({
      name: "SPEC_KEY_UNKNOWN",
      path: ["etcd"],
      given: "etcd",
      allowed: "nothing: Besu's validators agree among themselves",
    });
  }
  return problems;
}

function allocationProblems(spec: ParsedSpec): SpecProblem[] {
  const reserved = new Set<string>(SYSTEM_CONTRACTS.map((contract) => contract.address));
  const seen = new Set<string>();
  const problems: SpecProblem[] = [];
  for (const [i, { address }] of spec.allocations.entries()) {
    const path = ["allocations", i, "address"];
    if (seen.has(address)) problems.push(invalid(path, address, "each address once"));
    if (reserved.has(address)) problems.push(invalid(path, address, "addresses without a system contract"));
    seen.add(address);
  }
  return problems;
}

function resourceProblems(spec: ParsedSpec): SpecProblem[] {
  return NODE_ROLES.flatMap((role) => {
    const { requests, limits } = spec.resources[role];
    const problems: SpecProblem[] = [];
    if (limits.cpu < requests.cpu) {
      const path = ["resources", role, "limits", "cpu"];
      problems.push(invalid(path, String(limits.cpu), `at least what is requested, ${requests.cpu}`));
    }
    if (bytesOf(limits.memory) < bytesOf(requests.memory)) {
      const path = ["resources", role, "limits", "memory"];
      problems.push(invalid(path, limits.memory, `at least what is requested, ${requests.memory}`));
    }
    return problems;
  });
}

/** Every port of every program that shares a machine or a container, with the key that it comes from. */
function portProblems(spec: ParsedSpec): SpecProblem[] {
  const taken = new Map<number, string>();
  const problems: SpecProblem[] = [];
  const reported = new Set<string>();
  const take = (key: string, port: number, who: string) => {
    const other = taken.get(port);
    const once = (problem: SpecProblem) => {
      if (!reported.has(key)) problems.push(problem);
      reported.add(key);
    };
    const path = ["ports", key];
    if (port > MAX_PORT) {
      const allowed = `a base that leaves ${who} a port up to ${MAX_PORT}`;
      once(invalid(path, String(port), allowed));
    } else if (other !== undefined) {
      const allowed = `${who} can't share ${other}'s port; each program needs its own`;
      once({ name: "SPEC_PORTS_COLLIDE", path, given: String(port), allowed });
    } else taken.set(port, `${who}'s ${key}`);
  };
  const isShared = spec.target === "process";
  const total = NODE_ROLES.reduce((sum, role) => sum + spec.nodes[role], 0);
  for (let index = 0; index < (isShared ? total : 1); index++) {
    for (const [key, port] of Object.entries(nodePorts(spec, index))) {
      if (port !== null) take(key, port, `node ${index}`);
    }
  }
  if (!isShared) taken.clear();
  const members = spec.engine === "geth" ? etcdMemberCount(spec) : 0;
  for (let ordinal = 0; ordinal < (isShared ? members : Math.min(members, 1)); ordinal++) {
    const { client, peer } = etcdPorts(spec, ordinal);
    take("etcdClient", client, `etcd ${ordinal}`);
    take("etcdPeer", peer, `etcd ${ordinal}`);
  }
  return problems;
}

/** Members of etcd: as asked, else one for each validator, but an odd number and five at most. */
export function etcdMemberCount(spec: ParsedSpec): number {
  if (spec.etcd) return spec.etcd.members;
  const { validator } = spec.nodes;
  return Math.min(5, validator % 2 === 1 ? validator : validator - 1);
}

function invalid(path: readonly (string | number)[], given: string, allowed: string): SpecProblem {
  return { name: "SPEC_VALUE_INVALID", path, given, allowed };
}
