import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { verifyCommittedSeals } from "../../protocol/qbft.ts";
import { isQbft } from "./blockEvidence.ts";
import type { ToldBlock, VerifyingNode } from "./node.ts";

/** When a block counts as final: see docs/verification.md. */
export type FinalityRule =
  | { readonly kind: "instant" }
  | { readonly kind: "tag" }
  | { readonly kind: "depth"; readonly blocks: bigint }
  | { readonly kind: "qbft" };

export type FinalityFinding = { readonly ok: boolean; readonly detail: string };

/** Chain ids of Hardhat's and geth's development chains. */
const DEVELOPMENT_CHAINS = new Set([31337n, 1337n]);
/** Two epochs of Ethereum's proof of stake: a stand-in where a node knows no better, and told as such. */
const CAUTIOUS_DEPTH = 64n;

/** Reads `instant`, `tag`, `qbft`, `depth:<n>` or `auto` (null). @throws FINALITY_RULE_INVALID */
export function parseFinalityRule(text: string): FinalityRule | null {
  const depth = /^depth:(\d{1,9})$/.exec(text)?.[1];
  if (depth !== undefined) return { kind: "depth", blocks: BigInt(depth) };
  if (text === "auto") return null;
  if (text === "instant" || text === "tag" || text === "qbft") return { kind: text };
  throw new StemmaError("FINALITY_RULE_INVALID", { given: text.slice(0, 40) });
}

/** The rule that fits the chain: QBFT by its seals, a development chain by its id, else the node's `finalized`, else a depth. */
export async function detectFinalityRule(
  node: VerifyingNode,
  chainId: bigint,
  sample: ToldBlock,
): Promise<FinalityRule> {
  if (isQbft(sample)) return { kind: "qbft" };
  if (DEVELOPMENT_CHAINS.has(chainId)) return { kind: "instant" };
  if ((await node.block("finalized")) !== null) return { kind: "tag" };
  return { kind: "depth", blocks: CAUTIOUS_DEPTH };
}

/**
 * Whether `block`, which is on the node's chain, is final by the rule.
 *
 * @param validators QBFT validators that the caller trusts; by default those that the node names.
 */
export async function checkFinality(
  node: VerifyingNode,
  block: ToldBlock,
  options: {
    readonly rule: FinalityRule;
    readonly latest: bigint;
    readonly validators?: readonly Hex[] | undefined;
  },
): Promise<FinalityFinding> {
  const { rule, latest } = options;
  const number = BigInt(block.number);
  switch (rule.kind) {
    case "instant":
      return {
        ok: true,
        detail: `block ${number} is final as soon as it is mined (a development chain: one node decides)`,
      };
    case "tag": {
      const finalized = await node.block("finalized");
      const at = finalized === null ? null : BigInt(finalized.number);
      return {
        ok: at !== null && number <= at,
        detail:
          at === null
            ? "the node knows no finalized block"
            : `the node's finalized block is ${at}, the anchor is in ${number}`,
      };
    }
    case "depth":
      return {
        ok: latest - number >= rule.blocks,
        detail: `${latest - number} blocks stand on top of block ${number}, ${rule.blocks} are asked for`,
      };
    case "qbft":
      return checkSeals(node, block, options.validators);
  }
}

async function checkSeals(
  node: VerifyingNode,
  block: ToldBlock,
  trusted: readonly Hex[] | undefined,
): Promise<FinalityFinding> {
  if (!isQbft(block)) return { ok: false, detail: `block ${BigInt(block.number)} carries no QBFT seals` };
  const validators = trusted ?? (await node.qbftValidators(block.number));
  if (validators === null || validators.length === 0) {
    return { ok: false, detail: "the node doesn't name the validators: give those that you trust" };
  }
  const { ok, signers, quorum } = verifyCommittedSeals(block, validators);
  const whose = trusted ? "trusted validators" : "validators that the node names";
  return { ok, detail: `${signers.length} seals of ${validators.length} ${whose}, ${quorum} are needed` };
}
