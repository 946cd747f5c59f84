import { StemmaError } from "../../../protocol/errors.ts";
import { createCheckpointFeed } from "../live/checkpointFeed.ts";
import {
  decodeRecordCursor,
  decodeStateCursor,
  encodeRecordCursor,
  encodeStateCursor,
  placeBefore,
} from "../live/liveCursor.ts";
import { liveStream } from "../live/liveStream.ts";
import { createRecordFeed, placeNow } from "../live/recordFeed.ts";
import { createRecordStates, isLastState } from "../live/recordStates.ts";
import { createStateFeed, statePlaceNow } from "../live/stateFeed.ts";
import { type Builder, bytesArgument, naturalArgument } from "./builder.ts";
import type { Refs } from "./refs.ts";

/** The subscription fields and their events. */
export function defineSubscription(builder: Builder, refs: Refs): void {
  const noticeType = builder.enumType("RecordNoticeType", {
    values: {
      ADDED: { description: "A record was accepted." },
      RETRACTED: { description: "A reorg dropped every record above aboveBlock; their replacements follow." },
    } as const,
  });
  const changeType = builder.enumType("RecordStateChangeType", {
    values: {
      CHANGED: { description: "The record reached the state." },
      RETRACTED: { description: "A reorg dropped every record above aboveBlock; their replacements follow." },
    } as const,
  });

  builder.objectType(refs.recordNotice, {
    fields: (t) => ({
      type: t.field({ type: noticeType, resolve: (notice) => notice.type }),
      record: t.field({
        type: refs.record,
        nullable: true,
        description: "Null for RETRACTED.",
        resolve: (notice) => (notice.type === "ADDED" ? notice.record : null),
      }),
      aboveBlock: t.field({
        type: "BigInt",
        nullable: true,
        description: "Set for RETRACTED only.",
        resolve: (notice) => (notice.type === "RETRACTED" ? notice.aboveBlock : null),
      }),
      cursor: t.string({
        description: "Resumes right after this event.",
        resolve: (notice) => encodeRecordCursor(notice.place),
      }),
    }),
  });

  builder.objectType(refs.stateChange, {
    fields: (t) => ({
      type: t.field({ type: changeType, resolve: (change) => change.type }),
      record: t.field({
        type: refs.record,
        nullable: true,
        description: "Null for RETRACTED.",
        resolve: (change) => (change.type === "CHANGED" ? change.record : null),
      }),
      state: t.field({
        type: refs.recordState,
        nullable: true,
        description: "Null for RETRACTED.",
        resolve: (change) => (change.type === "CHANGED" ? change.state : null),
      }),
      aboveBlock: t.field({
        type: "BigInt",
        nullable: true,
        description: "Set for RETRACTED only.",
        resolve: (change) => (change.type === "RETRACTED" ? change.aboveBlock : null),
      }),
      cursor: t.string({
        nullable: true,
        description:
          "Resumes right after this event. Null when following one record, which starts from its state.",
        resolve: (change) => change.place && encodeStateCursor(change.place),
      }),
    }),
  });

  builder.subscriptionFields((t) => ({
    recordAdded: t.field({
      type: refs.recordNotice,
      description:
        "Records as they are accepted. Begins with what comes next, unless a place to begin at is given.",
      args: {
        after: t.arg.string({ description: "Cursor of the last event seen." }),
        fromBlock: t.arg({
          type: "BigInt",
          description: "Begins with this block; 0 tells the whole history.",
        }),
        dataId: t.arg({ type: "Hex", description: "Only records of this dataset." }),
      },
      subscribe: async (_root, args, context) => {
        const { reader } = context.sources;
        const { signal } = context.abort;
        const dataId = args.dataId ? bytesArgument(args.dataId, "dataId", 32) : undefined;
        const from =
          args.after != null
            ? decodeRecordCursor(args.after, "after")
            : args.fromBlock != null
              ? placeBefore(naturalArgument(args.fromBlock, "fromBlock"))
              : await placeNow(reader, signal);
        return liveStream(context, createRecordFeed(reader, { from, dataId, signal }).drain);
      },
      resolve: (notice) => notice,
    }),
    recordStateChanged: t.field({
      type: refs.stateChange,
      description:
        "States as records reach them. With recordHash: the record's state now, then each it reaches, until it is FINAL. Without: those of all records.",
      args: {
        recordHash: t.arg({ type: "Hex" }),
        after: t.arg.string({ description: "Cursor of the last event seen." }),
      },
      subscribe: async (_root, args, context) => {
        const { signal } = context.abort;
        if (args.recordHash != null) {
          if (args.after != null) throw new StemmaError("RECORD_CHANGES_ARGUMENTS", {});
          const recordHash = bytesArgument(args.recordHash, "recordHash", 32);
          const { drain } = createRecordStates(context.sources, { recordHash, signal });
          return liveStream(context, drain, { isLast: isLastState });
        }
        const from =
          args.after != null
            ? decodeStateCursor(args.after, "after")
            : await statePlaceNow(context.sources, signal);
        return liveStream(context, createStateFeed(context.sources, { from, signal }).drain);
      },
      resolve: (change) => change,
    }),
    checkpointSigned: t.field({
      type: refs.checkpoint,
      description: "Checkpoints as they are signed, ascending.",
      args: {
        afterSize: t.arg({
          type: "BigInt",
          description: "Size of the last checkpoint seen; left out, begins with the next one.",
        }),
      },
      subscribe: async (_root, args, context) => {
        const { signal } = context.abort;
        const afterSize =
          args.afterSize != null
            ? naturalArgument(args.afterSize, "afterSize", 62n)
            : ((await context.sources.log.latestCheckpoint())?.size ?? 0n);
        return liveStream(context, createCheckpointFeed(context.sources, { afterSize, signal }).drain);
      },
      resolve: (checkpoint) => checkpoint,
    }),
  }));
}
