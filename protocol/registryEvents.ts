import { bytesToHex, type Hex, utf8 } from "./bytes.ts";
import { keccak256 } from "./hash.ts";

/**
 * Signatures of every event that the registry's history is rebuilt from, as contracts/interfaces/IProvenanceRegistry.sol declares
 * them. An enum is a `uint8` in a signature.
 */
export const REGISTRY_EVENTS = {
  NamespaceRegistered: "NamespaceRegistered(bytes32,address,string)",
  NamespaceWriterSet: "NamespaceWriterSet(bytes32,address,bool)",
  NamespaceTransferStarted: "NamespaceTransferStarted(bytes32,address,address)",
  NamespaceTransferred: "NamespaceTransferred(bytes32,address,address)",
  DatasetStarted: "DatasetStarted(bytes32,bytes32,address,bytes32,string)",
  DatasetWriterSet: "DatasetWriterSet(bytes32,address,bool)",
  DatasetTransferStarted: "DatasetTransferStarted(bytes32,address,address)",
  DatasetTransferred: "DatasetTransferred(bytes32,address,address)",
  ProvenanceRecorded:
    "ProvenanceRecorded(bytes32,bytes32,address,address,uint64,uint64,address,bytes32,bytes32,bytes32,bytes32,bytes32[])",
  RecordSuperseded: "RecordSuperseded(bytes32,bytes32,uint8)",
  AccessRecorded: "AccessRecorded(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,address,uint64,uint64)",
  EndorsementPolicySet: "EndorsementPolicySet(bytes32,uint64,uint64,address[])",
  RecordEndorsed: "RecordEndorsed(bytes32,bytes32,address,bytes32,uint64,uint64)",
  RecordValidated: "RecordValidated(bytes32,bytes32,uint64)",
} as const;

export type RegistryEventName = keyof typeof REGISTRY_EVENTS;

/** The first topic of a log with this event signature: its keccak-256 in lower-case hex. */
export function eventTopic(signature: string): Hex {
  return bytesToHex(keccak256(utf8(signature)));
}

/** First topics of all events of the registry: what a log filter asks for. */
export function registryTopics(): readonly Hex[] {
  return Object.values(REGISTRY_EVENTS).map(eventTopic);
}
