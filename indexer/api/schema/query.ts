import { hexToBytes } from "../../../protocol/bytes.ts";
import { dataId as dataIdOf, namespaceId as namespaceIdOf } from "../../../protocol/dataset.ts";
import { StemmaError } from "../../../protocol/errors.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { type Builder, bytesArgument, naturalArgument, QUERY_COST } from "./builder.ts";
import { type Connections, pageCost, paginateById, paginateBySize } from "./connections.ts";
import type { Refs } from "./refs.ts";

const MAX_SEARCH_CHARACTERS = 200;

/** The plain query fields: one row, or a connection of them. */
export function defineQuery(builder: Builder, refs: Refs, connections: Connections): void {
  const order = { type: connections.order, defaultValue: "OLDEST_FIRST" } as const;

  builder.queryFields((t) => ({
    record: t.field({
      type: refs.record,
      nullable: true,
      args: { recordHash: t.arg({ type: "Hex", required: true }) },
      resolve: (_root, args, context) =>
        context.loaders.recordByHash.load(bytesArgument(args.recordHash, "recordHash", 32)),
    }),
    records: t.connection(
      {
        type: refs.record,
        description:
          "All records, or those of a dataset, an operation, an agent; as of a block where one is given.",
        args: {
          dataId: t.arg({ type: "Hex" }),
          operation: t.arg.string({}),
          agent: t.arg({ type: "Hex" }),
          asOfBlock: t.arg({ type: "BigInt" }),
          order: t.arg(order),
        },
        complexity: pageCost,
        resolve: async (_root, args, context) => {
          const { reader } = context.sources;
          const dataId = args.dataId ? bytesArgument(args.dataId, "dataId", 32) : undefined;
          // Checks the name: a name that can't be encoded can't be in the index either.
          if (args.operation != null) encodeOperation(args.operation);
          const filter = {
            dataId,
            operation: args.operation ?? undefined,
            agent: args.agent ? bytesArgument(args.agent, "agent", 20) : undefined,
            asOfBlock: args.asOfBlock == null ? undefined : naturalArgument(args.asOfBlock, "asOfBlock"),
          };
          const connection = await paginateById(args, context, (page) =>
            reader.records({ ...page, ...filter }, context.abort.signal),
          );
          const isSlowToCount = filter.operation ?? filter.agent ?? filter.asOfBlock;
          const count = async () => {
            if (isSlowToCount !== undefined) return null;
            if (dataId) return context.loaders.recordCount.load(dataId);
            return (await reader.status(context.abort.signal)).records;
          };
          return { ...connection, count };
        },
      },
      connections.record,
    ),
    dataset: t.field({
      type: refs.dataset,
      nullable: true,
      description: "By id, or by its names.",
      args: {
        dataId: t.arg({ type: "Hex" }),
        namespace: t.arg.string({}),
        name: t.arg.string({}),
      },
      resolve: (_root, args, context) => {
        if (args.dataId) return context.loaders.datasetById.load(bytesArgument(args.dataId, "dataId", 32));
        if (args.namespace == null || args.name == null) {
          throw new StemmaError("ARGUMENT_INVALID", {
            argument: "dataset",
            problem: "give dataId, or namespace and name",
          });
        }
        return context.loaders.datasetById.load(
          hexToBytes(dataIdOf(namespaceIdOf(args.namespace), args.name)),
        );
      },
    }),
    datasets: t.connection(
      {
        type: refs.dataset,
        args: {
          namespaceId: t.arg({ type: "Hex" }),
          nameContains: t.arg.string({ description: "Part of the name." }),
          order: t.arg(order),
        },
        complexity: pageCost,
        resolve: (_root, args, context) => {
          if ((args.nameContains?.length ?? 0) > MAX_SEARCH_CHARACTERS) {
            throw new StemmaError("ARGUMENT_INVALID", {
              argument: "nameContains",
              problem: `it is longer than ${MAX_SEARCH_CHARACTERS} characters`,
            });
          }
          // PostgreSQL's text holds any character but this one.
          if (args.nameContains?.includes("\u0000")) {
            throw new StemmaError("ARGUMENT_INVALID", {
              argument: "nameContains",
              problem: "it holds a zero character",
            });
          }
          const filter = {
            namespaceId: args.namespaceId ? bytesArgument(args.namespaceId, "namespaceId", 32) : undefined,
            nameContains: args.nameContains || undefined,
          };
          return paginateById(args, context, (page) =>
            context.sources.reader.datasets({ ...page, ...filter }, context.abort.signal),
          );
        },
      },
      connections.dataset,
    ),
    namespace: t.field({
      type: refs.namespace,
      nullable: true,
      description: "By id, or by name.",
      args: { namespaceId: t.arg({ type: "Hex" }), name: t.arg.string({}) },
      resolve: (_root, args, context) => {
        if (args.namespaceId) {
          return context.loaders.namespaceById.load(bytesArgument(args.namespaceId, "namespaceId", 32));
        }
        if (args.name == null) {
          throw new StemmaError("ARGUMENT_INVALID", {
            argument: "namespace",
            problem: "give namespaceId or name",
          });
        }
        return context.loaders.namespaceById.load(hexToBytes(namespaceIdOf(args.name)));
      },
    }),
    namespaces: t.connection(
      {
        type: refs.namespace,
        args: { order: t.arg(order) },
        complexity: pageCost,
        resolve: (_root, args, context) =>
          paginateById(args, context, (page) =>
            context.sources.reader.namespaces(page, context.abort.signal),
          ),
      },
      connections.namespace,
    ),
    accesses: t.connection(
      {
        type: refs.access,
        description: "The access log: who read what, when, for which purpose.",
        args: { dataId: t.arg({ type: "Hex" }), recordHash: t.arg({ type: "Hex" }), order: t.arg(order) },
        complexity: pageCost,
        resolve: (_root, args, context) => {
          const filter = {
            dataId: args.dataId ? bytesArgument(args.dataId, "dataId", 32) : undefined,
            recordHash: args.recordHash ? bytesArgument(args.recordHash, "recordHash", 32) : undefined,
          };
          return paginateById(args, context, (page) =>
            context.sources.reader.accesses({ ...page, ...filter }, context.abort.signal),
          );
        },
      },
      connections.access,
    ),
    checkpoint: t.field({
      type: refs.checkpoint,
      nullable: true,
      description: "The newest checkpoint, or the one of a size.",
      complexity: QUERY_COST,
      args: { size: t.arg({ type: "BigInt" }) },
      resolve: (_root, args, context) =>
        args.size == null
          ? context.sources.log.latestCheckpoint()
          : context.sources.log.checkpointAt(naturalArgument(args.size, "size", 62n)),
    }),
    checkpoints: t.connection(
      {
        type: refs.checkpoint,
        description: "Newest first.",
        complexity: pageCost,
        resolve: (_root, args, context) =>
          paginateBySize(args, context, (page) =>
            context.sources.reader.checkpoints(page, context.abort.signal),
          ),
      },
      connections.checkpoint,
    ),
    anchors: t.connection(
      {
        type: refs.anchor,
        description: "Newest first, those still on their way included.",
        complexity: pageCost,
        resolve: (_root, args, context) =>
          paginateBySize(args, context, (page) => context.sources.reader.anchors(page, context.abort.signal)),
      },
      connections.anchor,
    ),
    quarantine: t.connection(
      {
        type: refs.quarantined,
        args: { order: t.arg(order) },
        complexity: pageCost,
        resolve: async (_root, args, context) => {
          const { reader } = context.sources;
          const connection = await paginateById(args, context, (page) =>
            reader.quarantine(page, context.abort.signal),
          );
          return {
            ...connection,
            count: async () => (await reader.status(context.abort.signal)).quarantined,
          };
        },
      },
      connections.quarantined,
    ),
  }));
}
