import { eventTopic, REGISTRY_EVENTS, type RegistryEventName } from "../../protocol/registryEvents.ts";
import { decodeAccess } from "./decodeAccess.ts";
import { decodeDataset } from "./decodeDataset.ts";
import { decodeEndorsement, decodePolicy, decodeValidated } from "./decodeEndorsement.ts";
import { createTransferDecoder, createWriterDecoder } from "./decodeMembership.ts";
import { decodeNamespace } from "./decodeNamespace.ts";
import { decodeRecord } from "./decodeRecord.ts";
import type { EventDecoder } from "./decoder.ts";
import { decodeSuperseded } from "./decodeSuperseded.ts";

const DECODERS: Readonly<Record<RegistryEventName, EventDecoder>> = {
  NamespaceRegistered: decodeNamespace,
  NamespaceWriterSet: createWriterDecoder("namespace"),
  NamespaceTransferStarted: createTransferDecoder("namespace", "started"),
  NamespaceTransferred: createTransferDecoder("namespace", "completed"),
  DatasetStarted: decodeDataset,
  DatasetWriterSet: createWriterDecoder("dataset"),
  DatasetTransferStarted: createTransferDecoder("dataset", "started"),
  DatasetTransferred: createTransferDecoder("dataset", "completed"),
  ProvenanceRecorded: decodeRecord,
  RecordSuperseded: decodeSuperseded,
  AccessRecorded: decodeAccess,
  EndorsementPolicySet: decodePolicy,
  RecordEndorsed: decodeEndorsement,
  RecordValidated: decodeValidated,
};

/** Events of the libraries below the registry. They say nothing of any record, so they are passed over rather than set aside. */
const ADMINISTRATIVE = [
  "AuthorityUpdated(address)",
  "Paused(address)",
  "Unpaused(address)",
  "EIP712DomainChanged()",
];

/** Decoder of each first topic; null for what is passed over. */
export const eventTable: ReadonlyMap<string, { name: string; decode: EventDecoder } | null> = new Map([
  ...Object.entries(DECODERS).map(
    ([name, decode]) =>
      [eventTopic(REGISTRY_EVENTS[name as RegistryEventName]), { name, decode }] as [
        string,
        { name: string; decode: EventDecoder },
      ],
  ),
  ...ADMINISTRATIVE.map((signature) => [eventTopic(signature), null] as [string, null]),
]);
