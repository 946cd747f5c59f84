import { compareBytes, equalBytes } from "../../protocol/bytes.ts";
import type { EventDecoder } from "./decoder.ts";
import { inconsistent, malformed } from "./defect.ts";
import { parentsDigest } from "./digests.ts";
import { addressAt, isZero, topicOffset, uint32At, uint64At, WORD, wordAt } from "./logBytes.ts";

/** Words of the data before the parents: eight fields and the offset of the array. */
const HEAD_WORDS = 9;
const FIRST_PRINTABLE = 0x21;
const LAST_PRINTABLE = 0x7e;

/** `ProvenanceRecorded`. */
export const decodeRecord: EventDecoder = (log, origin, digests) => {
  const { dataStart, dataEnd } = log;
  if (log.topicCount !== 4) return malformed(`${log.topicCount} topics`);
  const parentsStart = dataStart + (HEAD_WORDS + 1) * WORD;
  if (dataEnd < parentsStart) return malformed("data is too short");
  const parentsOffset = uint32At(log, dataStart + 8 * WORD);
  const count = uint32At(log, dataStart + HEAD_WORDS * WORD);
  if (parentsOffset !== HEAD_WORDS * WORD) return malformed("offset of parents");
  if (count === undefined || dataEnd - parentsStart !== count * WORD) return malformed("length of parents");

  const agent = addressAt(log, topicOffset(log, 3));
  const submitter = addressAt(log, dataStart);
  const dataOwner = addressAt(log, dataStart + 3 * WORD);
  if (!agent || !submitter || !dataOwner) return malformed("padding of an address");
  const sequence = uint64At(log, dataStart + WORD);
  const timestamp = uint64At(log, dataStart + 2 * WORD);
  if (sequence === undefined || timestamp === undefined) return malformed("sequence or timestamp");

  const parents: Uint8Array[] = [];
  for (let offset = parentsStart; offset < dataEnd; offset += WORD) {
    const parent = wordAt(log, offset);
    const before = parents.at(-1);
    if (before && compareBytes(before, parent) >= 0) return inconsistent("parents aren't ascending");
    parents.push(parent);
  }
  const operation = wordAt(log, dataStart + 6 * WORD);
  if (!isOperation(operation)) return inconsistent("operation isn't 1 to 31 printable characters");
  const isFirst = isZero(log, dataStart + 5 * WORD, WORD);
  if (sequence === 0n || isFirst !== (sequence === 1n)) return inconsistent("sequence and previousHash");

  const recordHash = wordAt(log, topicOffset(log, 2));
  const dataId = wordAt(log, topicOffset(log, 1));
  const dataHash = wordAt(log, dataStart + 4 * WORD);
  const previousHash = wordAt(log, dataStart + 5 * WORD);
  const metadataHash = wordAt(log, dataStart + 7 * WORD);
  if (digests) {
    const digest = digests.record([
      dataId,
      dataHash,
      previousHash,
      parentsDigest(log.slab.subarray(parentsStart, dataEnd)),
      operation,
      metadataHash,
      wordAt(log, dataStart + 3 * WORD),
      wordAt(log, dataStart + 2 * WORD),
    ]);
    if (!equalBytes(digest, recordHash)) return inconsistent("recordHash isn't the hash of the fields");
  }
  return {
    kind: "record",
    id: origin.id,
    blockHash: origin.blockHash,
    blockTimestamp: origin.blockTimestamp,
    transactionHash: origin.transactionHash,
    recordHash,
    dataId,
    dataHash,
    previousHash,
    operation,
    metadataHash,
    dataOwner,
    agent,
    submitter,
    sequence,
    timestamp,
    parents,
  };
};

/** True where the word is 1 to 31 printable ASCII characters, left-aligned, then zeros: what `encodeOperation` makes. */
export function isOperation(word: Uint8Array): boolean {
  let length = 0;
  while (length < WORD) {
    const character = word[length] ?? 0;
    if (character < FIRST_PRINTABLE || character > LAST_PRINTABLE) break;
    length++;
  }
  if (length === 0 || length === WORD) return false;
  for (let i = length; i < WORD; i++) if (word[i] !== 0) return false;
  return true;
}
