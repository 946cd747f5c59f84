import type { EventDecoder } from "./decoder.ts";
import { inconsistent, malformed } from "./defect.ts";
import { topicOffset, uint32At, WORD, wordAt } from "./logBytes.ts";

/** The contract's enum `Status` from CORRECTED on; UNKNOWN and ACTIVE supersede nothing. */
const STATUSES = [undefined, undefined, "CORRECTED", "REVOKED", "ERASED"] as const;

/** `RecordSuperseded`. */
export const decodeSuperseded: EventDecoder = (log, origin) => {
  if (log.topicCount !== 3) return malformed(`${log.topicCount} topics`);
  if (log.dataEnd - log.dataStart !== WORD) return malformed("length of the data");
  const index = uint32At(log, log.dataStart);
  if (index === undefined || index >= STATUSES.length) return malformed("status isn't in the enum");
  const status = STATUSES[index];
  if (status === undefined) return inconsistent("status supersedes nothing");
  const recordHash = wordAt(log, topicOffset(log, 1));
  return {
    kind: "superseded",
    ...origin,
    recordHash,
    byRecordHash: wordAt(log, topicOffset(log, 2)),
    status,
  };
};
