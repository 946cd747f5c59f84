import { bytesToHex } from "../../../protocol/bytes.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { blockOf, type PositionId } from "../../model/position.ts";
import type { LineageAnswer, LineageDirection, RecordRow } from "../../model/reader.ts";
import type { ApiContext } from "../context.ts";
import { pruneLineage } from "./pruneLineage.ts";

export type LineageQuestion = {
  readonly recordHash: Uint8Array | null;
  readonly dataId: Uint8Array | null;
  readonly direction: LineageDirection;
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly asOfBlock: bigint | null;
  /** Size of a checkpoint. */
  readonly asOfCheckpoint: bigint | null;
};

/**
 * The part of the graph around a start record. The store cuts by block; a checkpoint may end within one, so what lies behind its
 * last entry is cut here.
 *
 * @throws LINEAGE_START_INVALID, LINEAGE_LIMIT_INVALID, RECORD_NOT_FOUND, DATASET_NOT_FOUND, CHECKPOINT_NOT_FOUND
 */
export async function answerLineage(question: LineageQuestion, context: ApiContext): Promise<LineageAnswer> {
  const { limits, sources, abort } = context;
  if ((question.recordHash === null) === (question.dataId === null)) {
    throw new StemmaError("LINEAGE_START_INVALID", {});
  }
  requireWithin("maxDepth", question.maxDepth, 0, limits.lineageDepth);
  requireWithin("maxNodes", question.maxNodes, 1, limits.lineageNodes);

  const last = question.asOfCheckpoint === null ? null : await lastPosition(question.asOfCheckpoint, context);
  const asOfBlock = earlier(question.asOfBlock, last === null ? null : blockOf(last));
  const start = await startOf(question, asOfBlock, last, context);
  const answer = await sources.reader.lineage(
    {
      from: [start.id],
      direction: question.direction,
      maxDepth: question.maxDepth,
      maxNodes: question.maxNodes,
      asOfBlock,
    },
    abort.signal,
  );
  return last === null ? answer : pruneLineage(answer, last);
}

function requireWithin(argument: string, given: number, least: number, limit: number): void {
  if (given < least || given > limit) {
    throw new StemmaError("LINEAGE_LIMIT_INVALID", { argument, given, least, limit });
  }
}

/** Position of the last entry under a checkpoint; -1 for the checkpoint of the empty log. */
async function lastPosition(size: bigint, { sources, abort }: ApiContext): Promise<PositionId> {
  const checkpoint = await sources.log.checkpointAt(size);
  if (checkpoint === null) throw new StemmaError("CHECKPOINT_NOT_FOUND", { size });
  if (size === 0n) return -1n;
  const [entry] = await sources.reader.entries(size - 1n, 1, abort.signal);
  if (!entry) throw new StemmaError("LOG_NOT_AVAILABLE", { what: `entry ${size - 1n}` });
  return entry.sourceId;
}

async function startOf(
  question: LineageQuestion,
  asOfBlock: bigint | null,
  last: PositionId | null,
  { sources, loaders, abort }: ApiContext,
): Promise<RecordRow> {
  const { recordHash, dataId } = question;
  if (recordHash !== null) {
    const record = await loaders.recordByHash.load(recordHash);
    const isLater =
      record !== null &&
      ((asOfBlock !== null && record.blockNumber > asOfBlock) || (last !== null && record.id > last));
    if (record === null || isLater) {
      throw new StemmaError("RECORD_NOT_FOUND", { recordHash: bytesToHex(recordHash) });
    }
    return record;
  }
  const id = dataId ?? new Uint8Array();
  const [head] =
    last === null
      ? await sources.reader.heads([id], asOfBlock, abort.signal)
      : (
          await sources.reader.records(
            {
              dataId: id,
              limit: 1,
              after: last + 1n,
              direction: "descending",
              asOfBlock: asOfBlock ?? undefined,
            },
            abort.signal,
          )
        ).rows;
  if (!head) throw new StemmaError("DATASET_NOT_FOUND", { dataset: bytesToHex(id) });
  return head;
}

function earlier(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
