import type { LineageAnswer, LineageEdge } from "../../model/reader.ts";
import { answerLineage } from "../lineage/answerLineage.ts";
import { type Builder, bytesArgument, naturalArgument, QUERY_COST } from "./builder.ts";
import type { Refs } from "./refs.ts";

const DEFAULT_DEPTH = 20;
const DEFAULT_NODES = 1_000;

/** The query field `lineage` and its types. */
export function defineLineage(builder: Builder, refs: Refs): void {
  const direction = builder.enumType("LineageDirection", {
    values: {
      UPSTREAM: { description: "What the start was made from." },
      DOWNSTREAM: { description: "What was made from the start." },
      BOTH: { description: "Both together; no siblings." },
    } as const,
  });
  const kind = builder.enumType("LineageEdgeKind", {
    values: {
      PREVIOUS: { description: "The parent is the dataset's record before the child." },
      DERIVED: { description: "The child names the parent as one of its inputs." },
      BOTH: { description: "Previous record and named input at once." },
    } as const,
  });
  const node = builder.objectRef<LineageAnswer["nodes"][number]>("LineageNode").implement({
    fields: (t) => ({
      record: t.field({
        type: refs.record,
        nullable: true,
        description: "Null only if a reorg dropped the record while the answer was put together.",
        resolve: (row, _args, context) => context.loaders.recordById.load(row.id),
      }),
      depth: t.int({ description: "Least number of edges from the start.", resolve: (row) => row.depth }),
    }),
  });
  const edge = builder
    .objectRef<{ child: Uint8Array; parent: Uint8Array; edge: LineageEdge }>("LineageEdge")
    .implement({
      fields: (t) => ({
        child: t.field({
          type: "Hex",
          description: "A recordHash among the nodes.",
          resolve: (row) => row.child,
        }),
        parent: t.field({
          type: "Hex",
          description: "A recordHash among the nodes.",
          resolve: (row) => row.parent,
        }),
        kind: t.field({ type: kind, resolve: (row) => edgeKind(row.edge) }),
      }),
    });
  builder.objectType(refs.lineage, {
    description: "A part of the graph of records, flat. Every edge joins two nodes of the answer.",
    fields: (t) => ({
      nodes: t.field({
        type: [node],
        complexity: { field: 1, multiplier: 1 },
        resolve: (row) => [...row.nodes],
      }),
      edges: t.field({
        type: [edge],
        complexity: { field: 1, multiplier: 1 },
        resolve: async (row, _args, context) => {
          const records = await Promise.all(row.nodes.map(({ id }) => context.loaders.recordById.load(id)));
          const hashes = new Map(
            records.flatMap((record) => (record ? [[record.id, record.recordHash]] : [])),
          );
          return row.edges.flatMap((edge) => {
            const child = hashes.get(edge.child);
            const parent = hashes.get(edge.parent);
            return child && parent ? [{ child, parent, edge }] : [];
          });
        },
      }),
      truncated: t.boolean({
        description: "True where maxDepth or maxNodes cut something off.",
        resolve: (row) => row.truncated,
      }),
    }),
  });

  builder.queryField("lineage", (t) =>
    t.field({
      type: refs.lineage,
      description:
        "Where a record, or the head of a dataset, came from, and what was made from it. Breadth first.",
      args: {
        recordHash: t.arg({ type: "Hex" }),
        dataId: t.arg({
          type: "Hex",
          description: "Starts from the dataset's head, as of the time asked for.",
        }),
        direction: t.arg({ type: direction, defaultValue: "UPSTREAM" }),
        maxDepth: t.arg.int({
          defaultValue: DEFAULT_DEPTH,
          description: "Edges from the start, at most 100.",
        }),
        maxNodes: t.arg.int({ defaultValue: DEFAULT_NODES, description: "At most 10,000." }),
        asOfBlock: t.arg({ type: "BigInt", description: "Answers as this block would have." }),
        asOfCheckpoint: t.arg({
          type: "BigInt",
          description: "Size of a checkpoint: only records that it covers.",
        }),
      },
      complexity: (args, context) => ({
        field: QUERY_COST,
        multiplier: Math.min(Math.max(args.maxNodes ?? DEFAULT_NODES, 1), context.limits.lineageNodes),
      }),
      resolve: (_root, args, context) =>
        answerLineage(
          {
            recordHash: args.recordHash ? bytesArgument(args.recordHash, "recordHash", 32) : null,
            dataId: args.dataId ? bytesArgument(args.dataId, "dataId", 32) : null,
            direction: args.direction ?? "UPSTREAM",
            maxDepth: args.maxDepth ?? DEFAULT_DEPTH,
            maxNodes: args.maxNodes ?? DEFAULT_NODES,
            asOfBlock: args.asOfBlock == null ? null : naturalArgument(args.asOfBlock, "asOfBlock"),
            asOfCheckpoint:
              args.asOfCheckpoint == null
                ? null
                : naturalArgument(args.asOfCheckpoint, "asOfCheckpoint", 62n),
          },
          context,
        ),
    }),
  );
}

function edgeKind(edge: LineageEdge): "PREVIOUS" | "DERIVED" | "BOTH" {
  if (edge.previous && edge.derived) return "BOTH";
  return edge.previous ? "PREVIOUS" : "DERIVED";
}
