import { z } from "zod";
import {
  address,
  bytesQuantity,
  flag,
  image,
  oneOf,
  port,
  section,
  textLike,
  versionFrom,
  wei,
  wholeNumber,
} from "./fields.ts";

/** What a node does: `validator` makes blocks, `rpc` answers queries, `archive` keeps every state, `observer` only follows. */
export const NODE_ROLES = ["validator", "rpc", "archive", "observer"] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** More than any permissioned network runs, and small enough that a mistyped count is caught. */
const MAX_NODES_OF_ROLE = 100;
/** Largest number that JSON carries exactly. A year's worth of chain ids, and gas far above what blocks hold. */
const MAX_CHAIN_ID = Number.MAX_SAFE_INTEGER;
/** A deployment of the contracts takes some 4 million gas. */
const MIN_GAS_LIMIT = 8_000_000;
const MAX_GAS_LIMIT = 10_000_000_000;

const amounts = (cpu: number, memory: string) =>
  section({
    cpu: z
      .number({ error: "a number of cores from 0.1 to 256" })
      .min(0.1, { error: "a number of cores from 0.1 to 256" })
      .max(256, { error: "a number of cores from 0.1 to 256" })
      .default(cpu),
    memory: bytesQuantity().default(memory),
  }).prefault({});

const resources = () => section({ requests: amounts(2, "4Gi"), limits: amounts(4, "8Gi") }).prefault({});

const roles = <Field extends z.ZodType>(field: () => Field) =>
  ({ validator: field(), rpc: field(), archive: field(), observer: field() }) as const;

const count = () => wholeNumber(0, MAX_NODES_OF_ROLE);

/** `cluster.yaml`, key by key. What depends on several keys is checked in `problems.ts`. */
export const specSchema = section({
  name: textLike(
    /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/,
    "a name of 1 to 30 of a-z, 0-9 and -, starting with a letter",
  ).default("stemma"),
  engine: oneOf(["geth", "besu"]),
  target: oneOf(["process", "compose", "kubernetes"]).default("process"),
  nodes: section({
    validator: wholeNumber(1, MAX_NODES_OF_ROLE),
    rpc: count().default(0),
    archive: count().default(0),
    observer: count().default(0),
  }),
  chain: section({
    id: wholeNumber(1, MAX_CHAIN_ID).default(20_260),
    blockPeriodSeconds: wholeNumber(1, 3_600, ": a header's time is in whole seconds and must rise").default(
      1,
    ),
    gasLimit: wholeNumber(MIN_GAS_LIMIT, MAX_GAS_LIMIT).default(60_000_000),
    fork: oneOf(["cancun", "prague", "osaka"]).optional(),
    genesisTimestamp: wholeNumber(0, 2 ** 32 - 1, " seconds since 1970").default(0),
  }).prefault({}),
  allocations: z
    .array(section({ address: address(), balanceWei: wei() }), { error: "a list of accounts" })
    .default([]),
  permissioning: section({
    nodes: flag().default(true),
    accounts: z
      .array(address(), { error: "a list of addresses" })
      .min(1, { error: "a list of at least one address" })
      .optional(),
  }).prefault({}),
  etcd: section({ members: wholeNumber(1, 9) }).optional(),
  resources: section(roles(resources)).prefault({}),
  storage: section({
    directory: z.string({ error: "a path" }).min(1, { error: "a path" }).optional(),
    class: textLike(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "the name of a storage class").optional(),
    size: section(roles(() => bytesQuantity().default("1Ti"))).prefault({}),
  }).prefault({}),
  ports: section({
    p2p: port().default(30_303),
    rpc: port().default(8_545),
    ws: port().default(8_546),
    engine: port().default(8_551),
    metrics: port().default(9_545),
    conductor: port().default(9_650),
    etcdClient: port().default(2_379),
    etcdPeer: port().default(2_380),
    step: wholeNumber(1, 1_000).default(10),
  }).prefault({}),
  versions: section({
    geth: versionFrom("1.17.8", "older ones don't recover from a crash").default("1.17.8"),
    besu: versionFrom("26.6.0", "older ones know other options and another Java").default("26.8.0"),
    etcd: versionFrom("3.6.0", "older ones aren't maintained").default("3.7.3"),
  }).prefault({}),
  images: section({
    geth: image().optional(),
    besu: image().optional(),
    etcd: image().optional(),
    stemma: image().optional(),
  }).prefault({}),
});

/** A spec in which every key is set, and that describes a network that can run. */
export type ClusterSpec = Omit<z.output<typeof specSchema>, "chain" | "etcd"> & {
  readonly chain: Omit<z.output<typeof specSchema>["chain"], "fork"> & { readonly fork: Fork };
  /** Null for Besu, which needs none. */
  readonly etcd: { readonly members: number } | null;
};

/** Latest hard fork of the Ethereum protocol that is active from the first block. */
export type Fork = "cancun" | "prague" | "osaka";

/** What a file says, before the rules that look at several keys. */
export type ParsedSpec = z.output<typeof specSchema>;
