import type { StemmaConnection } from "../../client/index.ts";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";

/** What the chain already holds of a namespace. */
export type ImportedRecords = {
  /** Head of a dataset; {@link ZERO_HASH} where it hasn't started. */
  readonly headOf: (dataId: Hex) => Hex;
  /** Owner of a dataset; undefined where it hasn't started. */
  readonly ownerOf: (dataId: Hex) => Hex | undefined;
  /** The record with this commitment. */
  readonly findByCommitment: (dataId: Hex, metadataHash: Hex) => Hex | undefined;
  /** Takes the oldest record that says the same under a commitment whose salt is lost; each is given out once. */
  readonly takeByContent: (dataId: Hex, operation: Hex, dataHash: Hex) => Hex | undefined;
};

type EventName =
  | "NamespaceRegistered"
  | "NamespaceTransferred"
  | "NamespaceWriterSet"
  | "DatasetStarted"
  | "DatasetTransferred"
  | "ProvenanceRecorded";

/** Besu answers for at most this many blocks unless it is told otherwise; others take more. */
const blockRange = 5_000n;

/**
 * Reads the records of a namespace from the chain, which alone says what was accepted.
 *
 * @param isKnown True for a commitment whose salt is at hand: such a record is found by it, and by nothing else.
 */
export async function readImported(
  connection: StemmaConnection,
  namespaceId: Hex,
  options: {
    readonly fromBlock: bigint;
    readonly account: Hex;
    readonly isKnown: (metadataHash: Hex) => boolean;
  },
): Promise<ImportedRecords> {
  const heads = new Map<Hex, Hex>();
  const owners = new Map<Hex, Hex>();
  const byCommitment = new Map<string, Hex>();
  const byContent = new Map<string, Hex[]>();
  const toBlock = await connection.publicClient.getBlockNumber({ cacheTime: 0 });
  const range = { connection, fromBlock: options.fromBlock, toBlock };

  const agents = new Set<Hex>([options.account]);
  for await (const { args } of readEvents(range, "DatasetStarted", { namespaceId })) {
    if (args.dataId === undefined || args.owner === undefined) continue;
    owners.set(args.dataId, lower(args.owner));
    agents.add(lower(args.owner));
  }
  if (owners.size > 0) {
    for await (const { args } of readEvents(range, "NamespaceRegistered", { namespaceId }))
      add(agents, args.owner);
    for await (const { args } of readEvents(range, "NamespaceTransferred", { namespaceId }))
      add(agents, args.to);
    for await (const { args } of readEvents(range, "NamespaceWriterSet", { namespaceId }))
      add(agents, args.writer);
    for await (const { args } of readEvents(range, "DatasetTransferred", {})) {
      if (args.dataId === undefined || args.to === undefined || !owners.has(args.dataId)) continue;
      owners.set(args.dataId, lower(args.to));
      agents.add(lower(args.to));
    }
    for await (const { args } of readEvents(range, "ProvenanceRecorded", { agent: [...agents] })) {
      const { dataId, recordHash, dataHash, operation, metadataHash } = args;
      if (dataId === undefined || !owners.has(dataId) || recordHash === undefined) continue;
      if (dataHash === undefined || operation === undefined || metadataHash === undefined) continue;
      heads.set(dataId, recordHash);
      byCommitment.set(dataId + metadataHash, recordHash);
      if (!options.isKnown(metadataHash)) append(byContent, dataId + operation + dataHash, recordHash);
    }
  }

  return {
    headOf: (dataId) => heads.get(dataId) ?? ZERO_HASH,
    ownerOf: (dataId) => owners.get(dataId),
    findByCommitment: (dataId, metadataHash) => byCommitment.get(dataId + metadataHash),
    takeByContent: (dataId, operation, dataHash) => byContent.get(dataId + operation + dataHash)?.shift(),
  };
}

type EventArguments = {
  readonly namespaceId?: Hex;
  readonly dataId?: Hex;
  readonly recordHash?: Hex;
  readonly agent?: Hex;
  readonly owner?: Hex;
  readonly to?: Hex;
  readonly writer?: Hex;
  readonly dataHash?: Hex;
  readonly operation?: Hex;
  readonly metadataHash?: Hex;
};

async function* readEvents(
  range: { readonly connection: StemmaConnection; readonly fromBlock: bigint; readonly toBlock: bigint },
  eventName: EventName,
  filter: { readonly namespaceId?: Hex; readonly agent?: readonly Hex[] },
): AsyncGenerator<{ readonly args: EventArguments }> {
  const { publicClient, registry } = range.connection;
  let size = blockRange;
  let fromBlock = range.fromBlock;
  while (fromBlock <= range.toBlock) {
    const last = fromBlock + size - 1n;
    const toBlock = last < range.toBlock ? last : range.toBlock;
    try {
      const events = await publicClient.getContractEvents({
        address: registry,
        abi: provenanceRegistryAbi,
        eventName,
        args: filter,
        fromBlock,
        toBlock,
        strict: true,
      });
      // viem has decoded them by the ABI; every name above is a field of the event that is asked for.
      for (const event of events) yield event as { readonly args: EventArguments };
    } catch (error) {
      // Nodes and viem limit blocks, logs and bytes of an answer, each in its own words: less is asked for until it fits.
      if (size === 1n) throw error;
      size = size / 4n || 1n;
      continue;
    }
    fromBlock = toBlock + 1n;
    if (size < blockRange) size *= 2n;
  }
}

function add(agents: Set<Hex>, address: Hex | undefined): void {
  if (address !== undefined) agents.add(lower(address));
}

function append(lists: Map<string, Hex[]>, key: string, value: Hex): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function lower(address: Hex): Hex {
  return address.toLowerCase() as Hex;
}
