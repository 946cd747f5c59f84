import { type Builder, naturalArgument, QUERY_COST } from "./builder.ts";
import { type Connections, pageCost, paginateById } from "./connections.ts";
import type { Refs } from "./refs.ts";

/** Dataset and Namespace. */
export function defineDataset(builder: Builder, refs: Refs, connections: Connections): void {
  builder.objectType(refs.dataset, {
    description: "What has a history.",
    fields: (t) => ({
      dataId: t.field({ type: "Hex", resolve: (row) => row.dataId }),
      namespaceId: t.field({ type: "Hex", resolve: (row) => row.namespaceId }),
      namespaceName: t.string({
        nullable: true,
        description: "Null where the name is kept off chain.",
        resolve: (row) => row.namespace,
      }),
      namespace: t.field({
        type: refs.namespace,
        nullable: true,
        resolve: (row, _args, context) => context.loaders.namespaceById.load(row.namespaceId),
      }),
      name: t.string({
        nullable: true,
        description: "Null where the name is kept off chain; nameHash commits to it.",
        resolve: (row) => row.name,
      }),
      nameHash: t.field({ type: "Hex", resolve: (row) => row.nameHash }),
      owner: t.field({
        type: "Hex",
        description: "The owner now, transfers included.",
        resolve: (row) => row.owner,
      }),
      startedAt: t.field({
        type: "BigInt",
        description: "Seconds since 1970.",
        resolve: (row) => row.startedAt,
      }),
      recordCount: t.field({
        type: "BigInt",
        complexity: 1,
        resolve: (row, _args, context) => context.loaders.recordCount.load(row.dataId),
      }),
      head: t.field({
        type: refs.record,
        nullable: true,
        description: "The latest record, or the latest as of a block.",
        args: { asOfBlock: t.arg({ type: "BigInt" }) },
        complexity: (args) => (args.asOfBlock == null ? 1 : QUERY_COST),
        resolve: async (row, args, context) => {
          if (args.asOfBlock == null) return context.loaders.head.load(row.dataId);
          const block = naturalArgument(args.asOfBlock, "asOfBlock");
          const [head] = await context.sources.reader.heads([row.dataId], block, context.abort.signal);
          return head ?? null;
        },
      }),
      records: t.connection(
        {
          type: refs.record,
          args: { order: t.arg({ type: connections.order, defaultValue: "OLDEST_FIRST" }) },
          complexity: pageCost,
          resolve: async (row, args, context) => {
            const connection = await paginateById(args, context, (page) =>
              context.sources.reader.records({ ...page, dataId: row.dataId }, context.abort.signal),
            );
            return { ...connection, count: () => context.loaders.recordCount.load(row.dataId) };
          },
        },
        connections.record,
      ),
      accesses: t.connection(
        {
          type: refs.access,
          description: "Who read the dataset, oldest first.",
          args: { order: t.arg({ type: connections.order, defaultValue: "OLDEST_FIRST" }) },
          complexity: pageCost,
          resolve: (row, args, context) =>
            paginateById(args, context, (page) =>
              context.sources.reader.accesses({ ...page, dataId: row.dataId }, context.abort.signal),
            ),
        },
        connections.access,
      ),
    }),
  });

  builder.objectType(refs.namespace, {
    description: "A name under which its owner's writers start datasets.",
    fields: (t) => ({
      namespaceId: t.field({ type: "Hex", resolve: (row) => row.namespaceId }),
      name: t.string({ nullable: true, resolve: (row) => row.name }),
      owner: t.field({ type: "Hex", resolve: (row) => row.owner }),
      datasets: t.connection(
        {
          type: refs.dataset,
          args: { order: t.arg({ type: connections.order, defaultValue: "OLDEST_FIRST" }) },
          complexity: pageCost,
          resolve: (row, args, context) =>
            paginateById(args, context, (page) =>
              context.sources.reader.datasets(
                { ...page, namespaceId: row.namespaceId },
                context.abort.signal,
              ),
            ),
        },
        connections.dataset,
      ),
    }),
  });
}
