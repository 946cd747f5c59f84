import { Registry } from "prom-client";
import { type ApiDependencies, type ApiLimits, createApi } from "../../../indexer/api/index.ts";
import type { ApiLogger } from "../../../indexer/api/ports.ts";
import { createCheckpointer, createLogBuilder, createPlainHasher } from "../../../indexer/log/index.ts";
import type { BlockHeader, ChainHealth } from "../../../indexer/model/chain.ts";
import type { ChainEvent, RecordEvent } from "../../../indexer/model/event.ts";
import { createStore, type Store } from "../../../indexer/store/index.ts";
import { bytesToHex, type Hex, hexToBytes, ZERO_HASH } from "../../../protocol/bytes.ts";
import { dataId, nameHash, namespaceId } from "../../../protocol/dataset.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { parentsHash, sortParents } from "../../../protocol/parents.ts";
import { type RecordDomain, recordHash } from "../../../protocol/record.ts";
import { createNoteSigner } from "../../../protocol/signedNote.ts";
import { bytes20, bytes32, header, originOf } from "../store/chainOfEvents.ts";

export const DOMAIN: RecordDomain = { chainId: 31337n, registry: `0x${"11".repeat(20)}` };
export const ANCHOR: Hex = `0x${"22".repeat(20)}`;
export const ORIGIN = `stemma.local/31337/${DOMAIN.registry}`;
export const signer = createNoteSigner({ name: ORIGIN, seed: new Uint8Array(32).fill(7) });
export const NAMESPACE = "acme";

export type Step = {
  readonly name: string;
  readonly operation?: string;
  readonly parents?: readonly Hex[];
  /** What else tells this record from another. */
  readonly data?: string;
};

/** A log line as the API wrote it. */
export type LogLine = {
  readonly level: string;
  readonly attributes: Record<string, unknown>;
  readonly message: string;
};

export type World = Awaited<ReturnType<typeof createWorld>>;

/** A real store that is filled step by step, and an API over it. */
export async function createWorld(options: {
  readonly url: string;
  readonly limits?: Partial<ApiLimits>;
  readonly wrap?: (dependencies: ApiDependencies) => ApiDependencies;
}) {
  const store: Store = await createStore({ url: options.url });
  await store.chain.claim({
    chain: { chainId: DOMAIN.chainId, genesisHash: bytes32("genesis") },
    registry: hexToBytes(DOMAIN.registry),
    anchor: hexToBytes(ANCHOR),
    logOrigin: ORIGIN,
    logKey: signer.vkey,
  });
  const leadership = await store.log.lead();
  if (!leadership) throw new Error("the fresh database has a leader already");
  const log = await createLogBuilder(
    { hasher: createPlainHasher() },
    { state: await store.log.state(), readTile: store.log.readTile },
  );
  const checkpointer = await createCheckpointer({ log: store.log, signer }, { everyEntries: 1n, everyMs: 1 });
  const logLines: LogLine[] = [];
  const chainHealth = { head: null, headAgeMs: 0, nodeError: null } as {
    -readonly [Key in keyof ChainHealth]: ChainHealth[Key];
  };
  const health = { halted: null as string | null };
  const metrics = new Registry();
  const given: ApiDependencies = {
    reader: store.reader,
    log: store.log,
    changes: store.changes,
    health: { chain: () => chainHealth, halted: () => health.halted, ping: store.ping },
    deployment: {
      network: "test",
      chainId: DOMAIN.chainId,
      registry: DOMAIN.registry,
      anchor: ANCHOR,
      logOrigin: ORIGIN,
      logKey: signer.vkey,
      finality: "instant",
    },
    clock: { now: () => Date.now() },
    logger: recordingLogger(logLines),
    metrics,
  };
  const dependencies = options.wrap?.(given) ?? given;
  const api = await createApi(dependencies, {
    host: "127.0.0.1",
    port: 0,
    ...(options.limits && { limits: options.limits }),
  });

  const heads = new Map<string, { hash: Hex; sequence: bigint }>();
  let height = 0n;
  let branch = { name: "main", forkAt: 1_000_000n };
  const headerAt = (number: bigint): BlockHeader =>
    number > branch.forkAt ? header(number, branch.name, branch.forkAt) : header(number);

  function makeRecord(block: BlockHeader, logIndex: number, step: Step): RecordEvent {
    const id = dataId(namespaceId(NAMESPACE), step.name);
    const head = heads.get(step.name);
    const parents = sortParents(step.parents ?? []);
    const data = bytes32(step.data ?? `${step.name} ${head?.sequence ?? 0n}`);
    const record = {
      dataId: id,
      dataHash: bytesToHex(data),
      previousHash: head?.hash ?? ZERO_HASH,
      parentsHash: parentsHash(parents),
      operation: encodeOperation(step.operation ?? "TRANSFORM"),
      metadataHash: bytesToHex(bytes32("metadata")),
      dataOwner: bytesToHex(bytes20("owner")),
      timestamp: block.timestamp - 1n,
    };
    const hash = recordHash(DOMAIN, record);
    heads.set(step.name, { hash, sequence: (head?.sequence ?? 0n) + 1n });
    return {
      ...originOf(block, logIndex),
      kind: "record",
      recordHash: hexToBytes(hash),
      dataId: hexToBytes(id),
      dataHash: data,
      previousHash: hexToBytes(record.previousHash),
      operation: hexToBytes(record.operation),
      metadataHash: hexToBytes(record.metadataHash),
      dataOwner: hexToBytes(record.dataOwner),
      agent: bytes20("agent"),
      submitter: bytes20("relayer"),
      sequence: (head?.sequence ?? 0n) + 1n,
      timestamp: record.timestamp,
      parents: parents.map((parent) => hexToBytes(parent)),
    };
  }

  const world = {
    store,
    api,
    dependencies,
    metrics,
    logLines,
    chainHealth,
    health,
    leadership,
    get height() {
      return height;
    },
    headOf: (name: string): Hex => heads.get(name)?.hash ?? ZERO_HASH,

    /** Adds a block: first whatever `events` makes, then one record for each step. Returns the record hashes. */
    addBlock: async (
      steps: readonly Step[],
      events: (block: BlockHeader) => readonly ChainEvent[] = () => [],
    ): Promise<Hex[]> => {
      height++;
      const block = headerAt(height);
      const all: ChainEvent[] = [...events(block)];
      for (const step of steps) {
        if (!heads.has(step.name)) {
          all.push({
            ...originOf(block, all.length),
            kind: "datasetStarted",
            dataId: hexToBytes(dataId(namespaceId(NAMESPACE), step.name)),
            namespaceId: hexToBytes(namespaceId(NAMESPACE)),
            owner: bytes20("owner"),
            nameHash: hexToBytes(nameHash(step.name)),
            name: step.name,
          });
        }
        all.push(makeRecord(block, all.length, step));
      }
      await store.chain.commitRange({ from: height, to: height, headers: [block], events: all });
      return all.flatMap((event) => (event.kind === "record" ? [bytesToHex(event.recordHash)] : []));
    },

    /** Drops everything above a block; later blocks belong to another branch. */
    rewindTo: async (number: bigint, name: string): Promise<void> => {
      await store.chain.rewind(headerAt(number));
      height = number;
      branch = { name, forkAt: number };
    },
    /** Forgets where a dataset stood, after a rewind dropped it. */
    forgetHead: (name: string) => heads.delete(name),
    setHead: (name: string, hash: Hex, sequence: bigint) => heads.set(name, { hash, sequence }),

    finalize: () => store.chain.finalize(headerAt(height)),

    /** Puts what is final into the log: everything, or so many entries. */
    sequence: async (limit = Number.POSITIVE_INFINITY): Promise<void> => {
      for (let left = limit; left > 0; ) {
        const pending = await store.log.pending(Math.min(left, 1_000));
        if (pending.length === 0) return;
        left -= pending.length;
        await store.log.append(await log.append(pending, Date.now()), leadership.epoch);
        log.commit();
      }
    },
    /** Signs a checkpoint over the log as it is. */
    checkpoint: () => checkpointer.write({ size: log.size, root: log.root }, leadership.epoch, Date.now()),
    logRoot: () => log.root,
    logSize: () => log.size,

    /** Brings a checkpoint onto the chain, final if asked for. */
    anchor: async (size: bigint, root: Uint8Array, isFinal: boolean): Promise<void> => {
      await store.anchors.seal({ size, root, epoch: leadership.epoch, fromSize: 0n, sealedAt: Date.now() });
      await store.anchors.markSent(size, {
        nonce: size,
        rawTransaction: bytes32(`raw ${size}`),
        transactionHash: bytes32(`anchor ${size}`),
        sentAt: Date.now(),
      });
      await store.anchors.markMined(size, {
        blockNumber: height,
        blockHash: headerAt(height).hash,
        minedAt: Date.now(),
      });
      if (isFinal) await store.anchors.markFinal(size, Date.now());
    },

    close: async (): Promise<void> => {
      await api.close();
      await leadership.resign();
      await store.close();
    },
  };
  return world;
}

export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
  readonly errors: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
};

/** Sends a query over HTTP. */
export async function ask(
  url: string,
  query: string,
  variables: object = {},
  extra: object = {},
): Promise<Reply> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables, ...extra }),
  });
  const { data, errors } = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, data, errors: errors ?? [] };
}

/** What stands at a path of an answer, such as `records.nodes.0.recordHash`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner ? Reflect.get(inner, key) : undefined),
      value,
    );
}

/** One field of every item of a list in an answer. */
export function each(value: unknown, list: string, field: string): unknown[] {
  const items = at(value, list);
  return Array.isArray(items) ? items.map((item) => at(item, field)) : [];
}

/** Names of the errors in a reply. */
export function errorNames(reply: Reply): unknown[] {
  return reply.errors.map(({ extensions }) => extensions.name);
}

function recordingLogger(lines: LogLine[]): ApiLogger {
  const at = (level: string) => (attributes: object, message: string) => {
    lines.push({ level, attributes: { ...attributes }, message });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
