import { equalBytes } from "../../protocol/bytes.ts";
import type { EventDecoder } from "./decoder.ts";
import { inconsistent, malformed } from "./defect.ts";
import { fastKeccak } from "./keccak.ts";
import { addressAt, topicOffset, uint32At, WORD, wordAt } from "./logBytes.ts";
import { decodeText, lastStringAt } from "./text.ts";

/** `DatasetStarted`. An empty name says that the name is kept off chain. */
export const decodeDataset: EventDecoder = (log, origin) => {
  const { dataStart } = log;
  if (log.topicCount !== 4) return malformed(`${log.topicCount} topics`);
  const owner = addressAt(log, topicOffset(log, 3));
  if (!owner) return malformed("padding of an address");
  if (log.dataEnd - dataStart < 3 * WORD || uint32At(log, dataStart + WORD) !== 2 * WORD)
    return malformed("offset of the name");
  const name = lastStringAt(log, dataStart + 2 * WORD);
  if (!name) return malformed("length or padding of the name");

  const dataId = wordAt(log, topicOffset(log, 1));
  const namespaceId = wordAt(log, topicOffset(log, 2));
  const nameHash = wordAt(log, dataStart);
  const idParts = new Uint8Array(2 * WORD);
  idParts.set(namespaceId);
  idParts.set(nameHash, WORD);
  if (!equalBytes(fastKeccak(idParts), dataId))
    return inconsistent("dataId isn't made of namespace and name");
  if (name.length > 0 && !equalBytes(fastKeccak(name), nameHash))
    return inconsistent("nameHash isn't the name's hash");
  return {
    kind: "datasetStarted",
    ...origin,
    dataId,
    namespaceId,
    owner,
    nameHash,
    name: name.length === 0 ? null : decodeText(name),
  };
};
