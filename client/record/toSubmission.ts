import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import type { ProvenanceRecord } from "../../protocol/record.ts";
import { requireAccount, type StemmaConnection } from "../connection.ts";
import type { PreparedRecord } from "./prepareRecord.ts";
import type { SignedRecord } from "./signRecord.ts";

/** The contract's own `Submission`. */
export type Submission = {
  readonly record: ProvenanceRecord;
  readonly parents: readonly Hex[];
  readonly agent: Hex;
  readonly signature: Hex;
  readonly namespaceId: Hex;
  readonly nameHash: Hex;
  readonly name: string;
};

/** A prepared or signed record as the contract takes it. Without a signature the account itself is the agent. @throws ACCOUNT_MISSING */
export function toSubmission(
  connection: StemmaConnection,
  record: PreparedRecord | SignedRecord,
): Submission {
  const signed = "signature" in record;
  return {
    record: record.record,
    parents: record.parents,
    agent: signed ? record.agent : requireAccount(connection, "submit").address,
    signature: signed ? record.signature : "0x",
    namespaceId: record.start?.namespaceId ?? ZERO_HASH,
    nameHash: record.start?.nameHash ?? ZERO_HASH,
    name: record.start?.name ?? "",
  };
}
