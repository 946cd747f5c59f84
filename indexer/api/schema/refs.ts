import type { RecordProof } from "../../../protocol/proof.ts";
import type { AnchorRow, StoredCheckpoint } from "../../model/log.ts";
import type {
  AccessRow,
  DatasetRow,
  EndorsementRow,
  EntryRow,
  LineageAnswer,
  NamespaceRow,
  QuarantineRow,
  RecordRow,
  StateTimes,
} from "../../model/reader.ts";
import type { RecordNotice } from "../live/recordFeed.ts";
import type { StateChange } from "../live/stateFeed.ts";
import type { Connection } from "../paginate.ts";
import type { Builder } from "./builder.ts";

/** A proof with the row it belongs to. */
export type ProofAnswer = { readonly record: RecordRow; readonly proof: RecordProof };

/** A connection that can be counted where somebody asks. */
export type CountedConnection<Row> = Connection<Row> & { readonly count: () => Promise<bigint | null> };

export type Refs = ReturnType<typeof createRefs>;

/** All object types by reference, so that their fields can be defined in any order and point at each other. */
export function createRefs(builder: Builder) {
  return {
    recordState: builder.enumType("RecordState", {
      description: "How far a record has come; the last state it reached.",
      values: {
        ACCEPTED: { description: "In a block." },
        SEQUENCED: { description: "Final on the chain and in the log: it has an index." },
        INTEGRATED: { description: "Under a signed checkpoint." },
        ANCHORED: { description: "The checkpoint is in a block." },
        FINAL: { description: "That block is final." },
      } as const,
    }),
    record: builder.objectRef<RecordRow>("Record"),
    stateTimes: builder.objectRef<StateTimes>("StateTimes"),
    dataset: builder.objectRef<DatasetRow>("Dataset"),
    namespace: builder.objectRef<NamespaceRow>("Namespace"),
    access: builder.objectRef<AccessRow>("Access"),
    endorsement: builder.objectRef<EndorsementRow>("Endorsement"),
    entry: builder.objectRef<EntryRow>("Entry"),
    checkpoint: builder.objectRef<StoredCheckpoint>("Checkpoint"),
    anchor: builder.objectRef<AnchorRow>("Anchor"),
    quarantined: builder.objectRef<QuarantineRow>("Quarantined"),
    lineage: builder.objectRef<LineageAnswer>("Lineage"),
    proof: builder.objectRef<ProofAnswer>("Proof"),
    recordNotice: builder.objectRef<RecordNotice>("RecordNotice"),
    stateChange: builder.objectRef<StateChange>("RecordStateChange"),
  };
}
