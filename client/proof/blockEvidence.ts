import { bytesToHex, concatBytes, hexToBytes } from "../../protocol/bytes.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { keccak256 } from "../../protocol/hash.ts";
import { headerItems } from "../../protocol/header.ts";
import { decodeExtraData, qbftBlockHash } from "../../protocol/qbft.ts";
import { encodeRlp, integerBytes } from "../../protocol/rlp.ts";
import type { ToldBlock, ToldReceipt } from "./node.ts";
import { trieRoot } from "./trieRoot.ts";

/** Which rule gave the block's hash; null where neither did: the header is not the one that the hash stands for. */
export function headerKind(block: ToldBlock): "plain" | "qbft" | null {
  const plain = keccak256(encodeRlp(headerItems(block, hexToBytes(block.extraData))));
  if (bytesToHex(plain) === block.hash) return "plain";
  return isQbft(block) && qbftBlockHash(block) === block.hash ? "qbft" : null;
}

/** True where the header carries QBFT's extra data with at least one seal. */
export function isQbft(block: ToldBlock): boolean {
  try {
    return decodeExtraData(hexToBytes(block.extraData)).seals.length > 0;
  } catch (error) {
    if (isStemmaError(error)) return false;
    throw error;
  }
}

/**
 * True where these are all receipts of the block, unchanged: the header commits to them. With the header's hash checked, a node can't
 * invent, change or hide an event of the block.
 */
export function receiptsBelong(block: ToldBlock, receipts: readonly ToldReceipt[]): boolean {
  const ordered = [...receipts].sort((a, b) =>
    Number(BigInt(a.transactionIndex) - BigInt(b.transactionIndex)),
  );
  return trieRoot(ordered.map(encodeReceipt)) === block.receiptsRoot;
}

/** Receipt as consensus encodes it (EIP-2718; EIP-658 status, before it a state root). */
function encodeReceipt(receipt: ToldReceipt): Uint8Array {
  const outcome = receipt.status ? integerBytes(BigInt(receipt.status)) : hexToBytes(receipt.root ?? "0x");
  const body = encodeRlp([
    outcome,
    integerBytes(BigInt(receipt.cumulativeGasUsed)),
    hexToBytes(receipt.logsBloom),
    receipt.logs.map((log) => [
      hexToBytes(log.address),
      log.topics.map((topic) => hexToBytes(topic)),
      hexToBytes(log.data),
    ]),
  ]);
  const type = Number(receipt.type ?? "0x0");
  return type === 0 ? body : concatBytes(Uint8Array.of(type), body);
}
