import { equalBytes } from "../../protocol/bytes.ts";
import type { EventDecoder } from "./decoder.ts";
import { inconsistent, malformed } from "./defect.ts";
import { addressAt, topicOffset, uint32At, uint64At, WORD, wordAt } from "./logBytes.ts";

/** `EndorsementPolicySet`. */
export const decodePolicy: EventDecoder = (log, origin) => {
  const { dataStart, dataEnd } = log;
  if (log.topicCount !== 3) return malformed(`${log.topicCount} topics`);
  const listStart = dataStart + 3 * WORD;
  if (dataEnd < listStart || uint32At(log, dataStart + WORD) !== 2 * WORD)
    return malformed("offset of validators");
  const count = uint32At(log, dataStart + 2 * WORD);
  if (count === undefined || dataEnd - listStart !== count * WORD) return malformed("length of validators");
  const version = uint64At(log, topicOffset(log, 2));
  const threshold = uint64At(log, dataStart);
  if (version === undefined || threshold === undefined) return malformed("version or threshold");
  const validators: Uint8Array[] = [];
  for (let offset = listStart; offset < dataEnd; offset += WORD) {
    const validator = addressAt(log, offset);
    if (!validator) return malformed("padding of an address");
    validators.push(validator);
  }
  if (threshold > BigInt(count)) return inconsistent("threshold is above the number of validators");
  return {
    kind: "policySet",
    ...origin,
    dataId: wordAt(log, topicOffset(log, 1)),
    version,
    threshold,
    validators,
  };
};

/** `RecordEndorsed`. */
export const decodeEndorsement: EventDecoder = (log, origin, digests) => {
  const { dataStart } = log;
  if (log.topicCount !== 4) return malformed(`${log.topicCount} topics`);
  if (log.dataEnd - dataStart !== 3 * WORD) return malformed("length of the data");
  const validator = addressAt(log, topicOffset(log, 3));
  if (!validator) return malformed("padding of an address");
  const policyVersion = uint64At(log, dataStart + WORD);
  const count = uint64At(log, dataStart + 2 * WORD);
  if (policyVersion === undefined || count === undefined) return malformed("policy version or count");
  const recordHash = wordAt(log, topicOffset(log, 2));
  const endorsementHash = wordAt(log, dataStart);
  if (digests) {
    const words = [recordHash, wordAt(log, topicOffset(log, 3)), wordAt(log, dataStart + WORD)];
    if (!equalBytes(digests.endorsement(words), endorsementHash))
      return inconsistent("endorsementHash isn't the hash of the fields");
  }
  return {
    kind: "endorsement",
    ...origin,
    endorsementHash,
    dataId: wordAt(log, topicOffset(log, 1)),
    recordHash,
    validator,
    policyVersion,
    count,
  };
};

/** `RecordValidated`. */
export const decodeValidated: EventDecoder = (log, origin) => {
  if (log.topicCount !== 3) return malformed(`${log.topicCount} topics`);
  if (log.dataEnd - log.dataStart !== WORD) return malformed("length of the data");
  const policyVersion = uint64At(log, log.dataStart);
  if (policyVersion === undefined) return malformed("policy version");
  return {
    kind: "validated",
    ...origin,
    dataId: wordAt(log, topicOffset(log, 1)),
    recordHash: wordAt(log, topicOffset(log, 2)),
    policyVersion,
  };
};
