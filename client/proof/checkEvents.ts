import { decodeEventLog } from "viem";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { RecordProof } from "../../protocol/proof.ts";
import { headerKind, receiptsBelong } from "./blockEvidence.ts";
import type { ToldBlock, ToldReceipt, VerifyingNode } from "./node.ts";

type Finding = { readonly ok: boolean; readonly detail: string };
type Log = ToldReceipt["logs"][number];

/** Whether the anchor's block is the node's block of that number, and its header hashes to the hash that the proof names. */
export function checkAnchorBlock(proof: RecordProof, block: ToldBlock | null): Finding {
  if (proof.anchor === null) return no("the proof has no anchor");
  const { blockNumber, blockHash } = proof.anchor;
  if (block === null) return no(`the node has no block ${blockNumber}`);
  if (BigInt(block.number) !== BigInt(blockNumber))
    return no(`the node gave block ${BigInt(block.number)} for ${blockNumber}`);
  if (block.hash !== blockHash)
    return no(`block ${blockNumber} is ${block.hash}, the proof says ${blockHash}`);
  if (headerKind(block) === null)
    return no(`the header that the node tells of block ${blockNumber} doesn't have its hash`);
  return yes(`block ${blockNumber} is ${blockHash}, and its header has that hash`);
}

/** Whether the block's receipts, proved by its header, hold the anchoring of just this checkpoint in just this transaction. */
export async function checkAnchorReceipt(
  node: VerifyingNode,
  proof: RecordProof,
  contract: Hex,
  block: ToldBlock | null,
): Promise<Finding> {
  const { anchor } = proof;
  if (anchor === null || block === null) return no("there is no block to look into");
  const receipts = await node.receipts(block);
  if (headerKind(block) === null || !receiptsBelong(block, receipts))
    return no("the receipts that the node tells are not those of the block");
  const receipt = receipts.find(({ transactionHash }) => transactionHash === anchor.transactionHash);
  if (receipt === undefined) return no(`transaction ${anchor.transactionHash} is not in the block`);
  const found = logsOf([receipt], contract).some((log) => {
    const event = decode(checkpointAnchorAbi, log);
    if (event?.eventName !== "CheckpointAnchored") return false;
    const { logId, size, root, epoch } = event.args;
    return (
      logId === anchor.logId &&
      root === anchor.root &&
      size === BigInt(anchor.size) &&
      epoch === BigInt(anchor.epoch)
    );
  });
  return found
    ? yes(
        `transaction ${anchor.transactionHash} anchored it in epoch ${anchor.epoch}; the block's header proves the event`,
      )
    : no(`transaction ${anchor.transactionHash} didn't anchor this checkpoint in epoch ${anchor.epoch}`);
}

/** Whether the registry's event, proved by the header of its block, names the record with the agent that the proof names. */
export async function checkRecordEvent(
  node: VerifyingNode,
  proof: RecordProof,
  registry: Hex,
  blockNumber: () => Promise<bigint | null>,
): Promise<Finding> {
  const number = await blockNumber();
  const block = number === null ? null : await node.block(`0x${number.toString(16)}`);
  if (block === null) return no("there is no event of the record on chain");
  const receipts = await node.receipts(block);
  if (headerKind(block) === null || !receiptsBelong(block, receipts))
    return no("the receipts that the node tells are not those of the block");
  for (const log of logsOf(receipts, registry)) {
    const event = decode(provenanceRegistryAbi, log);
    if (event?.eventName !== "ProvenanceRecorded" || event.args.recordHash !== proof.recordHash) continue;
    const agent = event.args.agent.toLowerCase();
    return agent === proof.agent
      ? yes(`${agent} made the record; the header of block ${number} proves the event`)
      : no(`the agent on chain is ${agent}, the proof says ${proof.agent}`);
  }
  return no(`block ${number} holds no event of the record`);
}

/** Only what the contract itself said: anyone may emit an event that looks the same. */
function logsOf(receipts: readonly ToldReceipt[], contract: Hex): readonly Log[] {
  return receipts.flatMap(({ logs }) => logs).filter(({ address }) => address === contract.toLowerCase());
}

function decode<const Abi extends typeof checkpointAnchorAbi | typeof provenanceRegistryAbi>(
  abi: Abi,
  log: Log,
) {
  try {
    const [signature, ...rest] = log.topics;
    if (signature === undefined) return null;
    return decodeEventLog({ abi, data: log.data, topics: [signature, ...rest] });
  } catch {
    return null;
  }
}

function yes(detail: string): Finding {
  return { ok: true, detail };
}

function no(detail: string): Finding {
  return { ok: false, detail };
}
