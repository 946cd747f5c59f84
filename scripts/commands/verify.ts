import { readFile } from "node:fs/promises";
import {
  hashFile,
  type OnChainStep,
  parseFinalityRule,
  parseProof,
  verifyProof,
  verifyProofOnChain,
} from "../../client/index.ts";
import type { Deployment } from "../../deployments/index.ts";
import { StemmaError } from "../../protocol/errors.ts";
import {
  checkAnchorClaim,
  domainOf,
  type ProofStep,
  type ProofTrust,
  type RecordProof,
} from "../../protocol/proof.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson, sayStep } from "./print.ts";
import { deploymentOf, hexFlag, numberFlag, rpcUrlOf, type TargetFlags } from "./target.ts";

export type VerifyFlags = TargetFlags & {
  readonly key?: readonly string[];
  readonly checkpoint?: string;
  readonly root?: string;
  readonly size?: string;
  readonly anchor?: string;
  readonly registry?: string;
  readonly origin?: string;
  readonly finality?: string;
  readonly validator?: readonly string[];
  readonly data?: string;
  readonly json?: boolean;
};

type Step =
  | OnChainStep
  | ProofStep
  | { readonly name: "data"; readonly ok: boolean; readonly detail: string };

/** `stemma verify`: checks a proof file step by step, offline or down to the chain. It never asks the indexer. */
export async function verify(file: string, flags: VerifyFlags): Promise<ExitCode> {
  const proof = parseProof(await readText(file));
  const trust = await trustOf(flags);
  const steps: Step[] = [];
  const trusted: string[] = [];
  if (flags.rpc === undefined) {
    const deployment = flags.network === undefined ? null : deploymentOf(flags);
    steps.push(...verifyOffline(proof, trust, deployment, flags), checkAnchorClaim(proof));
    trusted.push(
      "what you gave: keys, checkpoint or root",
      "nothing about the chain: give --rpc to check the anchor",
    );
  } else {
    const verdict = await verifyProofOnChain({ ...onChainParameters(proof, flags), trust });
    steps.push(...verdict.steps);
    trusted.push(...verdict.trusted);
  }
  if (flags.data !== undefined) steps.push(await checkData(flags.data, proof));
  const ok = steps.every((step) => step.ok);
  if (flags.json) sayJson({ ok, recordHash: proof.recordHash, steps, trusted });
  else sayVerdict(ok, steps, trusted);
  return ok ? 0 : 1;
}

function sayVerdict(ok: boolean, steps: readonly Step[], trusted: readonly string[]): void {
  for (const step of steps) sayStep(step);
  const failed = steps.filter((step) => !step.ok).map(({ name }) => name);
  say(ok ? "PROVED" : `REFUSED at: ${failed.join(", ")}`);
  if (ok) for (const sentence of trusted) say(`Trusted: ${sentence}`);
}

function verifyOffline(
  proof: RecordProof,
  trust: ProofTrust,
  deployment: Deployment | null,
  flags: VerifyFlags,
): readonly ProofStep[] {
  const registry =
    flags.registry === undefined
      ? deployment?.contracts.ProvenanceRegistry.address
      : hexFlag(flags.registry, "--registry", 20);
  const domain =
    registry === undefined
      ? {}
      : { domain: { chainId: deployment?.chainId ?? domainOf(proof).chainId, registry } };
  return verifyProof(proof, { ...trust, ...domain }).steps;
}

/** The addresses come from a deployment or from flags; whoever gives both addresses needs no deployment. */
function onChainParameters(proof: RecordProof, flags: VerifyFlags) {
  const byHand = flags.anchor !== undefined && flags.registry !== undefined && flags.network === undefined;
  const deployment = byHand ? null : deploymentOf(flags);
  const anchor =
    flags.anchor === undefined
      ? deployment?.contracts.CheckpointAnchor.address
      : hexFlag(flags.anchor, "--anchor", 20);
  const registry =
    flags.registry === undefined
      ? deployment?.contracts.ProvenanceRegistry.address
      : hexFlag(flags.registry, "--registry", 20);
  if (anchor === undefined || registry === undefined) {
    throw new StemmaError("USAGE", { problem: "Give --network, or --anchor and --registry" });
  }
  return {
    proof,
    rpcUrl: rpcUrlOf(flags),
    anchor,
    registry,
    chainId: deployment?.chainId,
    genesisHash: deployment?.genesisHash,
    origin: flags.origin ?? deployment?.log.origin,
    finality: parseFinalityRule(flags.finality ?? "auto"),
    validators: flags.validator?.map((address) => hexFlag(address, "--validator", 20)),
  };
}

async function trustOf(flags: VerifyFlags): Promise<ProofTrust> {
  if ((flags.root === undefined) !== (flags.size === undefined)) {
    throw new StemmaError("USAGE", { problem: "--root and --size belong together" });
  }
  return {
    vkeys: flags.key ?? [],
    ...(flags.checkpoint === undefined ? {} : { checkpoint: await readText(flags.checkpoint) }),
    ...(flags.root === undefined || flags.size === undefined
      ? {}
      : { root: hexFlag(flags.root, "--root", 32), size: numberFlag(flags.size, "--size") }),
  };
}

async function checkData(path: string, proof: RecordProof): Promise<Step> {
  const hash = await hashFile(path);
  const ok = hash === proof.record.dataHash;
  const detail = ok
    ? `SHA-256 of ${path} is the record's dataHash`
    : `SHA-256 of ${path} is ${hash}, the record says ${proof.record.dataHash}`;
  return { name: "data", ok, detail };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StemmaError("FILE_UNREADABLE", { path, reason }, { cause: error });
  }
}
