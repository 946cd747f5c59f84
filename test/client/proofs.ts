import { encodeFunctionData } from "viem";
import { transact } from "../../client/transaction/transact.ts";
import { checkpointAnchorAbi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { bytesToHex, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { signCheckpoint } from "../../protocol/checkpoint.ts";
import { encodeLeaf } from "../../protocol/leaf.ts";
import { PROOF_FORMAT, parseProof, type RecordProof } from "../../protocol/proof.ts";
import { createNoteSigner } from "../../protocol/signedNote.ts";
import { leafHash, nodeHash } from "../../protocol/tree/hash.ts";
import { inclusionPath } from "../../protocol/tree/paths.ts";
import { rootOf } from "../../protocol/tree/tree.ts";
import { type ClientSetup, digest } from "./setup.ts";

/** Key of the log of the tests. */
export const logSeed = new Uint8Array(32).fill(7);

/**
 * Records on the chain, their log of `size` entries, anchored by the operator: and the proof of one of them, made here with nothing of
 * the indexer.
 */
export async function anchoredProof(
  setup: ClientSetup,
  options: { readonly size?: number; readonly namespace?: string } = {},
): Promise<{ proof: RecordProof; vkey: string; root: Hex; leaves: readonly Uint8Array[] }> {
  const { size = 5, namespace = "proofs" } = options;
  const client = setup.clientOf(0);
  await client.registerNamespace({ namespace });
  const first = await client.prepareRecord({
    namespace,
    name: "a",
    dataHash: digest("a"),
    operation: "CREATE",
  });
  await client.submitRecord(first);
  const other = await client.prepareRecord({
    namespace,
    name: "b",
    dataHash: digest("b"),
    operation: "CREATE",
  });
  await client.submitRecord(other);
  const record = await client.prepareRecord({
    dataId: first.record.dataId,
    dataHash: digest("derived"),
    operation: "DERIVE",
    parents: [other.recordHash],
  });
  await client.submitRecord(record);

  const index = Math.min(2, size - 1);
  const leaves = Array.from({ length: size }, (_, i) =>
    leafHash(encodeLeaf("record", hexToBytes(i === index ? record.recordHash : digest(`entry ${i}`)))),
  );
  const root = rootOf(leaves);
  const { origin, logId, anchor, registry, chainId } = setup.deployed;
  const signer = createNoteSigner({ name: origin, seed: logSeed });
  const anchored = await transact(setup.clientOf(1).connection, {
    action: "anchor",
    to: anchor,
    data: encodeFunctionData({
      abi: checkpointAnchorAbi,
      functionName: "anchor",
      args: [logId, 1n, BigInt(size), bytesToHex(root), []],
    }),
  });
  const path = await inclusionPath(BigInt(index), BigInt(size), async (level, node) =>
    nodeOf(leaves, level, node),
  );
  const proof = parseProof({
    format: PROOF_FORMAT,
    domain: { chainId: chainId.toString(), registry },
    record: { ...record.record, timestamp: record.record.timestamp.toString() },
    parents: record.parents,
    recordHash: record.recordHash,
    agent: setup.addressOf(0),
    leaf: { kind: "record", hash: record.recordHash },
    inclusion: { index: index.toString(), size: size.toString(), path: path.map(bytesToHex) },
    checkpoint: signCheckpoint({ origin, size: BigInt(size), root }, signer),
    logKey: signer.vkey,
    anchor: {
      contract: anchor,
      logId,
      size: size.toString(),
      root: bytesToHex(root),
      epoch: "1",
      transactionHash: anchored.transactionHash,
      blockNumber: anchored.blockNumber.toString(),
      blockHash: anchored.receipt.blockHash,
    },
  });
  return { proof, vkey: signer.vkey, root: bytesToHex(root), leaves };
}

function nodeOf(leaves: readonly Uint8Array[], level: number, index: bigint): Uint8Array {
  if (level === 0) return leaves[Number(index)] ?? new Uint8Array(32);
  return nodeHash(nodeOf(leaves, level - 1, index * 2n), nodeOf(leaves, level - 1, index * 2n + 1n));
}
