import { equalBytes } from "../../protocol/bytes.ts";
import { isOperation } from "./decodeRecord.ts";
import type { EventDecoder } from "./decoder.ts";
import { inconsistent, malformed } from "./defect.ts";
import { addressAt, topicOffset, uint64At, WORD, wordAt } from "./logBytes.ts";

/** `AccessRecorded`. */
export const decodeAccess: EventDecoder = (log, origin, digests) => {
  const { dataStart } = log;
  if (log.topicCount !== 4) return malformed(`${log.topicCount} topics`);
  if (log.dataEnd - dataStart !== 6 * WORD) return malformed("length of the data");
  const reporter = addressAt(log, dataStart + 3 * WORD);
  if (!reporter) return malformed("padding of an address");
  const sequence = uint64At(log, dataStart + 4 * WORD);
  const timestamp = uint64At(log, dataStart + 5 * WORD);
  if (sequence === undefined || timestamp === undefined) return malformed("sequence or timestamp");
  const purpose = wordAt(log, dataStart + WORD);
  if (!isOperation(purpose)) return inconsistent("purpose isn't 1 to 31 printable characters");

  const dataId = wordAt(log, topicOffset(log, 1));
  const recordHash = wordAt(log, topicOffset(log, 2));
  const reader = wordAt(log, topicOffset(log, 3));
  const accessHash = wordAt(log, dataStart);
  const metadataHash = wordAt(log, dataStart + 2 * WORD);
  if (digests) {
    const rest = [3, 4, 5].map((index) => wordAt(log, dataStart + index * WORD));
    const digest = digests.access([dataId, recordHash, reader, purpose, metadataHash, ...rest]);
    if (!equalBytes(digest, accessHash)) return inconsistent("accessHash isn't the hash of the fields");
  }
  return {
    kind: "access",
    ...origin,
    accessHash,
    dataId,
    recordHash,
    reader,
    purpose,
    metadataHash,
    reporter,
    sequence,
    timestamp,
  };
};
