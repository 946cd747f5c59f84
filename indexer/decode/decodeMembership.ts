import type { EventDecoder } from "./decoder.ts";
import { malformed } from "./defect.ts";
import { addressAt, topicOffset, uint32At, WORD, wordAt } from "./logBytes.ts";

type Scope = "namespace" | "dataset";

/** `NamespaceWriterSet` and `DatasetWriterSet`. */
export function createWriterDecoder(scope: Scope): EventDecoder {
  return (log, origin) => {
    if (log.topicCount !== 3) return malformed(`${log.topicCount} topics`);
    if (log.dataEnd - log.dataStart !== WORD) return malformed("length of the data");
    const writer = addressAt(log, topicOffset(log, 2));
    if (!writer) return malformed("padding of an address");
    const flag = uint32At(log, log.dataStart);
    if (flag !== 0 && flag !== 1) return malformed("flag is neither 0 nor 1");
    const subject = wordAt(log, topicOffset(log, 1));
    return { kind: "writerSet", ...origin, scope, subject, writer, allowed: flag === 1 };
  };
}

/** `NamespaceTransferStarted`, `NamespaceTransferred` and the same of datasets. */
export function createTransferDecoder(scope: Scope, phase: "started" | "completed"): EventDecoder {
  return (log, origin) => {
    if (log.topicCount !== 4) return malformed(`${log.topicCount} topics`);
    if (log.dataEnd !== log.dataStart) return malformed("length of the data");
    const from = addressAt(log, topicOffset(log, 2));
    const to = addressAt(log, topicOffset(log, 3));
    if (!from || !to) return malformed("padding of an address");
    return { kind: "transfer", ...origin, scope, subject: wordAt(log, topicOffset(log, 1)), phase, from, to };
  };
}
