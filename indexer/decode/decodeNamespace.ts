import { equalBytes } from "../../protocol/bytes.ts";
import type { EventDecoder } from "./decoder.ts";
import { inconsistent, malformed } from "./defect.ts";
import { fastKeccak } from "./keccak.ts";
import { addressAt, topicOffset, uint32At, WORD, wordAt } from "./logBytes.ts";
import { decodeText, lastStringAt } from "./text.ts";

/** `NamespaceRegistered`. */
export const decodeNamespace: EventDecoder = (log, origin) => {
  if (log.topicCount !== 3) return malformed(`${log.topicCount} topics`);
  const owner = addressAt(log, topicOffset(log, 2));
  if (!owner) return malformed("padding of an address");
  if (log.dataEnd - log.dataStart < 2 * WORD || uint32At(log, log.dataStart) !== WORD)
    return malformed("offset of the namespace");
  const name = lastStringAt(log, log.dataStart + WORD);
  if (!name) return malformed("length or padding of the namespace");
  const namespaceId = wordAt(log, topicOffset(log, 1));
  if (!equalBytes(fastKeccak(name), namespaceId))
    return inconsistent("namespaceId isn't the namespace's hash");
  return { kind: "namespaceRegistered", ...origin, namespaceId, owner, name: decodeText(name) };
};
