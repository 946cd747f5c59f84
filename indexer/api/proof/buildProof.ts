import { bytesToHex, type Hex } from "../../../protocol/bytes.ts";
import { logId } from "../../../protocol/checkpoint.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { parentsHash } from "../../../protocol/parents.ts";
import { PROOF_FORMAT, type RecordProof } from "../../../protocol/proof.ts";
import { readNodeFromTiles } from "../../../protocol/tiles.ts";
import { inclusionPath } from "../../../protocol/tree/paths.ts";
import type { AnchorRow, StoredCheckpoint } from "../../model/log.ts";
import type { RecordRow } from "../../model/reader.ts";
import type { ApiContext } from "../context.ts";

/**
 * A record's proof under the smallest anchored checkpoint that covers it, else under the newest checkpoint. Proofs under one
 * anchor share a checkpoint, so auditors meet few of them.
 *
 * @throws RECORD_NOT_FOUND, PROOF_NOT_READY (retry) while no checkpoint covers the record
 */
export async function buildProof(
  recordHash: Uint8Array,
  context: ApiContext,
): Promise<{ record: RecordRow; proof: RecordProof }> {
  const { loaders, sources } = context;
  const record = await loaders.recordByHash.load(recordHash);
  if (record === null) throw new StemmaError("RECORD_NOT_FOUND", { recordHash: bytesToHex(recordHash) });

  const entry = await loaders.entry.load(record.id);
  const checkpoint = entry && (await coveringCheckpoint(entry.index, context));
  if (!entry || !checkpoint) {
    const { state } = await loaders.states.load(record.id);
    throw new StemmaError("PROOF_NOT_READY", { recordHash: bytesToHex(recordHash), state });
  }
  const [parents, anchor, path] = await Promise.all([
    loaders.parents.load(record.id),
    loaders.anchor.load(checkpoint.size),
    inclusionPath(entry.index, checkpoint.size, readNodeFromTiles(sources.log.readTile)),
  ]);
  const { chainId, registry, logKey } = sources.deployment;
  return {
    record,
    proof: {
      format: PROOF_FORMAT,
      domain: { chainId: chainId.toString(), registry },
      record: {
        dataId: bytesToHex(record.dataId),
        dataHash: bytesToHex(record.dataHash),
        previousHash: bytesToHex(record.previousHash),
        parentsHash: parentsHash(parents.map(bytesToHex)),
        operation: encodeOperation(record.operation),
        metadataHash: bytesToHex(record.metadataHash),
        dataOwner: bytesToHex(record.dataOwner),
        timestamp: record.timestamp.toString(),
      },
      parents: parents.map(bytesToHex),
      recordHash: bytesToHex(record.recordHash),
      agent: bytesToHex(record.agent),
      leaf: { kind: "record", hash: bytesToHex(record.recordHash) },
      inclusion: {
        index: entry.index.toString(),
        size: checkpoint.size.toString(),
        path: path.map(bytesToHex),
      },
      checkpoint: checkpoint.note,
      logKey,
      anchor: anchor && describeAnchor(anchor, context),
    },
  };
}

async function coveringCheckpoint(
  index: bigint,
  { loaders, sources }: ApiContext,
): Promise<StoredCheckpoint | null> {
  const anchored = await loaders.anchoredCheckpoint.load(index);
  if (anchored) return anchored;
  const latest = await sources.log.latestCheckpoint();
  return latest !== null && latest.size > index ? latest : null;
}

function describeAnchor(anchor: AnchorRow, { sources }: ApiContext): RecordProof["anchor"] {
  const { transactionHash, blockNumber, blockHash } = anchor;
  if (transactionHash === null || blockNumber === null || blockHash === null) return null;
  const contract: Hex = sources.deployment.anchor;
  return {
    contract,
    logId: logId(sources.deployment.logOrigin),
    size: anchor.size.toString(),
    root: bytesToHex(anchor.root),
    epoch: anchor.epoch.toString(),
    transactionHash: bytesToHex(transactionHash),
    blockNumber: blockNumber.toString(),
    blockHash: bytesToHex(blockHash),
  };
}
