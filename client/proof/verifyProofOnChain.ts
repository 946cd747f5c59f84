import { createPublicClient, decodeFunctionResult, encodeFunctionData, http, type Transport } from "viem";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import { bytesToHex, type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import { logId, type ParsedCheckpoint, parseCheckpoint } from "../../protocol/checkpoint.ts";
import { isStemmaError, StemmaError } from "../../protocol/errors.ts";
import { checkAnchorClaim, type ProofTrust, type RecordProof, verifyProof } from "../../protocol/proof.ts";
import { withoutSecrets } from "../transaction/toStemmaError.ts";
import { checkAnchorBlock, checkAnchorReceipt, checkRecordEvent } from "./checkEvents.ts";
import { checkFinality, detectFinalityRule, type FinalityRule } from "./finalityRule.ts";
import { type BlockTag, createVerifyingNode, type ToldBlock, type VerifyingNode } from "./node.ts";

export type OnChainStepName =
  | "record"
  | "leaf"
  | "inclusion"
  | "checkpoint"
  | "chain"
  | "anchor"
  | "registry"
  | "block"
  | "receipt"
  | "agent"
  | "finality";

export type OnChainStep = { readonly name: OnChainStepName; readonly ok: boolean; readonly detail: string };

export type VerifyProofOnChainParameters = {
  readonly proof: RecordProof;
  /** A node, not necessarily an honest one; or a viem transport in its place. */
  readonly rpcUrl?: string;
  readonly transport?: Transport;
  /** Addresses that the caller trusts: from a deployment or from the people who run it, never from the proof. */
  readonly anchor: Hex;
  readonly registry: Hex;
  readonly chainId?: bigint | undefined;
  readonly genesisHash?: Hex | undefined;
  /** Origin of the log that is meant; by default any log that the anchor contract knows. */
  readonly origin?: string | undefined;
  /** Verifier keys, a checkpoint or a root known from elsewhere: checked in addition to the chain. */
  readonly trust?: ProofTrust | undefined;
  /** How finality is known; found out by default. */
  readonly finality?: FinalityRule | null | undefined;
  /** QBFT validators that the caller trusts; with them the node need not be trusted for finality. */
  readonly validators?: readonly Hex[] | undefined;
};

export type VerifyProofOnChainReturnType = {
  readonly ok: boolean;
  /** Every step is taken, even after one has failed. */
  readonly steps: readonly OnChainStep[];
  /** The state that the contracts were asked about. */
  readonly readAt: { readonly tag: string; readonly blockNumber: bigint };
  readonly finality: FinalityRule;
  /** What had to be believed, one sentence each. */
  readonly trusted: readonly string[];
};

export type VerifyProofOnChainErrorType = StemmaError<
  "RPC_UNAVAILABLE" | "RPC_REPLY_INVALID" | "NOTE_KEY_INVALID" | "USAGE"
>;

/**
 * Checks a proof down to the chain: record, leaf, inclusion and checkpoint as `verifyProof` does, then that the checkpoint is anchored in
 * the trusted contract, that the record is in the trusted registry, that the anchor's block is canonical, holds the event, and is
 * final. Header hashes and receipt roots are computed here, so a node that lies about part of a block is found out. It never asks the
 * indexer.
 *
 * @throws VerifyProofOnChainErrorType; a proof that doesn't hold is an answer, not an error.
 * @example
 * const { ok, steps } = await verifyProofOnChain({ proof, rpcUrl, anchor, registry });
 */
export async function verifyProofOnChain(
  parameters: VerifyProofOnChainParameters,
): Promise<VerifyProofOnChainReturnType> {
  const { proof } = parameters;
  const rpcUrl = parameters.rpcUrl ?? "the given transport";
  const node = connectNode(parameters, rpcUrl);
  const chainId = await node.chainId();
  const latest = await blockOrThrow(node, "latest");
  const anchorBlock =
    proof.anchor === null ? null : await node.block(`0x${BigInt(proof.anchor.blockNumber).toString(16)}`);
  const rule = parameters.finality ?? (await detectFinalityRule(node, chainId, anchorBlock ?? latest));
  const readAt = await stateToRead(node, rule, latest);
  const checkpoint = readCheckpoint(proof);
  const root = checkpoint === null ? ZERO_HASH : await rootAt(node, parameters.anchor, checkpoint, readAt.at);
  const offline = verifyProof(proof, trustOf(parameters, chainId, root, checkpoint));
  const finality =
    anchorBlock === null
      ? {
          ok: false,
          detail:
            proof.anchor === null ? "the proof has no anchor" : "the node doesn't have the anchor's block",
        }
      : await checkFinality(node, anchorBlock, {
          rule,
          latest: BigInt(latest.number),
          validators: parameters.validators,
        });
  const steps: OnChainStep[] = [
    ...offline.steps,
    { name: "chain", ...(await checkChain(node, parameters, chainId)) },
    { name: "anchor", ...checkAnchor(parameters, checkpoint, root, readAt) },
    { name: "registry", ...(await checkRegistry(node, parameters, readAt.at)) },
    { name: "block", ...checkAnchorBlock(proof, anchorBlock) },
    { name: "receipt", ...(await checkAnchorReceipt(node, proof, parameters.anchor, anchorBlock)) },
    {
      name: "agent",
      ...(await checkRecordEvent(
        node,
        proof,
        parameters.registry,
        async () => (await storedRecord(node, parameters))?.block ?? null,
      )),
    },
    { name: "finality", ...finality },
  ];
  return {
    ok: steps.every(({ ok }) => ok),
    steps,
    readAt: { tag: readAt.tag, blockNumber: readAt.number },
    finality: rule,
    trusted: trustedSentences(parameters, rule, rpcUrl),
  };
}

/** What became of a record, by the contract's `Status`; nothing for an active one. */
const SUPERSEDED: Readonly<Record<number, string>> = { 2: "corrected", 3: "revoked", 4: "erased" };

type Finding = { readonly ok: boolean; readonly detail: string };
type ReadAt = { readonly at: BlockTag; readonly tag: string; readonly number: bigint };

function connectNode(parameters: VerifyProofOnChainParameters, rpcUrl: string): VerifyingNode {
  if (parameters.transport === undefined && parameters.rpcUrl === undefined) {
    throw new StemmaError("USAGE", { problem: "Neither rpcUrl nor transport given" });
  }
  const transport = parameters.transport ?? http(parameters.rpcUrl, { retryCount: 1, timeout: 30_000 });
  return createVerifyingNode(createPublicClient({ transport }), rpcUrl);
}

async function blockOrThrow(node: VerifyingNode, at: BlockTag): Promise<ToldBlock> {
  const block = await node.block(at);
  if (block !== null) return block;
  throw new StemmaError("RPC_REPLY_INVALID", {
    method: "eth_getBlockByNumber",
    problem: `it has no block ${at}`,
  });
}

/** The newest state that is final by the rule. One number is kept for all calls, so that they speak of one state. */
async function stateToRead(node: VerifyingNode, rule: FinalityRule, latest: ToldBlock): Promise<ReadAt> {
  const finalized = rule.kind === "tag" ? await node.block("finalized") : null;
  if (finalized !== null) return readAtBlock("finalized", BigInt(finalized.number));
  const newest = BigInt(latest.number);
  if (rule.kind !== "depth") return readAtBlock("latest", newest);
  return readAtBlock(`${rule.blocks} below latest`, newest > rule.blocks ? newest - rule.blocks : 0n);
}

function readAtBlock(tag: string, number: bigint): ReadAt {
  return { tag, number, at: `0x${number.toString(16)}` };
}

function readCheckpoint(proof: RecordProof): ParsedCheckpoint | null {
  try {
    return parseCheckpoint(proof.checkpoint);
  } catch (error) {
    if (isStemmaError(error)) return null;
    throw error;
  }
}

async function rootAt(
  node: VerifyingNode,
  anchor: Hex,
  checkpoint: ParsedCheckpoint,
  at: BlockTag,
): Promise<Hex> {
  const data = encodeFunctionData({
    abi: checkpointAnchorAbi,
    functionName: "rootAt",
    args: [logId(checkpoint.origin), checkpoint.size],
  });
  const answer = await node.call(anchor, data, at);
  return answer.length === 66 ? answer : ZERO_HASH;
}

/** What is given to trust; with nothing given, the anchored root is. */
function trustOf(
  parameters: VerifyProofOnChainParameters,
  chainId: bigint,
  root: Hex,
  checkpoint: ParsedCheckpoint | null,
): ProofTrust {
  const { vkeys, checkpoint: known, root: knownRoot, size } = parameters.trust ?? {};
  const given = Boolean(vkeys?.length) || known !== undefined || knownRoot !== undefined;
  const domain = { chainId: parameters.chainId ?? chainId, registry: parameters.registry };
  if (given) return { vkeys, checkpoint: known, root: knownRoot, size, domain };
  return { root, size: checkpoint?.size ?? 0n, domain };
}

async function checkChain(
  node: VerifyingNode,
  parameters: VerifyProofOnChainParameters,
  chainId: bigint,
): Promise<Finding> {
  const expected = parameters.chainId ?? BigInt(parameters.proof.domain.chainId);
  if (expected !== chainId) return no(`the node serves chain ${chainId}, expected ${expected}`);
  const { genesisHash } = parameters;
  if (genesisHash === undefined) return yes(`chain ${chainId}; its genesis is not checked`);
  const genesis = await node.block("0x0");
  if (genesis?.hash !== genesisHash.toLowerCase()) {
    return no(`genesis is ${genesis?.hash ?? "missing"}, expected ${genesisHash}`);
  }
  return yes(`chain ${chainId}, genesis ${genesis.hash}`);
}

function checkAnchor(
  { proof, anchor, origin }: VerifyProofOnChainParameters,
  checkpoint: ParsedCheckpoint | null,
  root: Hex,
  readAt: ReadAt,
): Finding {
  if (checkpoint === null) return no("the checkpoint can't be read");
  if (origin !== undefined && origin !== checkpoint.origin) {
    return no(`the checkpoint is of ${checkpoint.origin}, expected ${origin}`);
  }
  if (proof.anchor === null)
    return no("the proof has no anchor: fetch it again once its checkpoint is anchored");
  if (proof.anchor.contract !== anchor.toLowerCase()) {
    return no(`the proof names anchor contract ${proof.anchor.contract}, trusted is ${anchor.toLowerCase()}`);
  }
  const claim = checkAnchorClaim(proof);
  if (!claim.ok) return no(claim.detail);
  const where = `contract ${anchor.toLowerCase()}, read at block ${readAt.number} (${readAt.tag})`;
  if (root === ZERO_HASH)
    return no(`size ${checkpoint.size} of ${checkpoint.origin} is not anchored in ${where}`);
  if (root !== bytesToHex(checkpoint.root)) {
    return no(`the checkpoint's root is ${bytesToHex(checkpoint.root)}, ${where} says ${root}`);
  }
  return yes(`root of size ${checkpoint.size} of ${checkpoint.origin} in ${where}`);
}

async function storedRecord(
  node: VerifyingNode,
  parameters: VerifyProofOnChainParameters,
  at: BlockTag = "latest",
) {
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "recordInfo",
    args: [parameters.proof.recordHash],
  });
  const answer = await node.call(parameters.registry, data, at);
  // Another contract may answer anything; six words are what ours does.
  if (answer.length !== 2 + 6 * 64) return null;
  const info = decodeFunctionResult({ abi: provenanceRegistryAbi, functionName: "recordInfo", data: answer });
  return info.blockNumber === 0n ? null : { block: info.blockNumber, status: info.status };
}

async function checkRegistry(
  node: VerifyingNode,
  parameters: VerifyProofOnChainParameters,
  at: BlockTag,
): Promise<Finding> {
  const registry = parameters.registry.toLowerCase();
  if (parameters.proof.domain.registry !== registry) {
    return no(`the record is bound to registry ${parameters.proof.domain.registry}, trusted is ${registry}`);
  }
  const stored = await storedRecord(node, parameters, at);
  if (stored === null) return no(`registry ${registry} doesn't know the record`);
  // The proof holds all the same: what was superseded stays in the history.
  const later = SUPERSEDED[stored.status];
  const since = later === undefined ? "" : `; a later record ${later} it`;
  return yes(`registry ${registry} accepted the record in block ${stored.block}${since}`);
}

function trustedSentences(
  parameters: VerifyProofOnChainParameters,
  rule: FinalityRule,
  rpcUrl: string,
): readonly string[] {
  const node = parameters.rpcUrl === undefined ? "the node" : `the node at ${withoutSecrets(rpcUrl)}`;
  const sentences = [
    `that ${parameters.anchor.toLowerCase()} and ${parameters.registry.toLowerCase()} are the contracts of Stemma, as you gave them`,
  ];
  if (rule.kind === "qbft" && parameters.validators !== undefined) {
    sentences.push("that fewer than a third of the validators that you gave are dishonest");
  } else if (rule.kind === "qbft") {
    sentences.push(`${node} for the list of validators (give your own to need no trust in it)`);
  } else {
    sentences.push(
      `${node} for which blocks are on the chain and final: the contents of blocks were checked by hash`,
    );
  }
  return sentences;
}

function yes(detail: string): Finding {
  return { ok: true, detail };
}

function no(detail: string): Finding {
  return { ok: false, detail };
}
