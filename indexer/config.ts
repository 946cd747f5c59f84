import { parseArgs } from "node:util";
import { z } from "zod";
import { StemmaError } from "../protocol/errors.ts";
import { createSecret, type Secret } from "./secret.ts";

/** How the indexer decides that a block is final. `auto` lets the chain's own engine decide (see indexer/chain). */
export type FinalityChoice =
  | { readonly driver: "auto" | "instant" | "tag" | "qbft" }
  | { readonly driver: "depth"; readonly depth: number };

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** Everything that the indexer is told from outside. Frozen, parsed once, and the only reader of the environment. */
export type IndexerConfig = {
  /** Name of the deployment folder. */
  readonly network: string;
  readonly rpcUrl: string;
  /** Null: the embedded PostgreSQL, with its data under `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** Folder that holds `<network>/`; null for the repository's own. */
  readonly deploymentsDir: string | null;
  readonly finality: FinalityChoice;
  readonly checkpoint: { readonly entries: number; readonly intervalMs: number };
  readonly api: { readonly host: string; readonly port: number };
  /** `/ready` fails once the chain's head hasn't moved for so long. */
  readonly readyHeadAgeMs: number;
  readonly log: {
    /** Null: `stemma.local/<chainId>/<registry>`. */
    readonly origin: string | null;
    /** 32 bytes of hex. Null only works on a development chain. */
    readonly seed: Secret | null;
  };
  readonly anchor: {
    /** Private key of the log's operator. Null only works on a development chain. */
    readonly key: Secret | null;
    /** Least time between two anchors. */
    readonly intervalMs: number;
  };
  readonly logLevel: LogLevel;
};

const PRIVATE_KEY = /^0x[0-9a-f]{64}$/i;
const DEFAULT_RPC_URL = "http://127.0.0.1:8545";
/** Keys under our prefix that other programs of the repository read: an indexer started from the same shell leaves them alone. */
const FOREIGN_KEYS =
  /^STEMMA_(TEST|BENCH|DEMO|CLIENT|DEPLOY|CLUSTER)_|^STEMMA_(URL|KEY|DEPLOYER_KEY|ANCHOR_OPERATOR|CHAIN_ID|GETH)$/;

const hexSecret = z
  .string()
  .regex(PRIVATE_KEY, "must be 0x and 64 hexadecimal digits")
  .transform(createSecret);
const milliseconds = z.coerce.number().int().min(0).max(86_400_000);
const url = (protocols: RegExp) => z.url({ protocol: protocols });

const finality = z
  .string()
  .regex(/^(auto|instant|tag|qbft|depth:[1-9]\d{0,5})$/, "must be auto, instant, tag, qbft or depth:<blocks>")
  .transform((text): FinalityChoice => {
    const [driver, depth] = text.split(":");
    if (driver === "depth") return { driver, depth: Number(depth) };
    return { driver: driver === "instant" || driver === "tag" || driver === "qbft" ? driver : "auto" };
  });

const environment = z.object({
  DATABASE_URL: url(/^postgres(ql)?$/).optional(),
  LOCALHOST_RPC_URL: url(/^https?$/).optional(),
  STEMMA_NETWORK: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "must be letters, digits, - and _")
    .default("localhost"),
  STEMMA_RPC_URL: url(/^https?$/).optional(),
  STEMMA_DATA_DIR: z.string().min(1).optional(),
  STEMMA_DEPLOYMENTS_DIR: z.string().min(1).optional(),
  STEMMA_FINALITY: finality.default({ driver: "auto" }),
  STEMMA_CHECKPOINT_ENTRIES: z.coerce.number().int().min(1).max(1_000_000_000).default(10_000),
  STEMMA_CHECKPOINT_INTERVAL_MS: milliseconds.default(2_000),
  STEMMA_API_HOST: z.string().min(1).default("127.0.0.1"),
  STEMMA_API_PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  STEMMA_READY_HEAD_AGE_MS: milliseconds.default(120_000),
  STEMMA_LOG_ORIGIN: z.string().min(1).max(255).optional(),
  STEMMA_LOG_SEED: hexSecret.optional(),
  STEMMA_ANCHOR_KEY: hexSecret.optional(),
  STEMMA_ANCHOR_INTERVAL_MS: milliseconds.default(1_000),
  STEMMA_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

/** Command-line flags and the variables that they stand in for. Secrets have none: a command line is visible to every process. */
const FLAGS = {
  network: "STEMMA_NETWORK",
  "rpc-url": "STEMMA_RPC_URL",
  "database-url": "DATABASE_URL",
  "data-dir": "STEMMA_DATA_DIR",
  deployments: "STEMMA_DEPLOYMENTS_DIR",
  finality: "STEMMA_FINALITY",
  "checkpoint-entries": "STEMMA_CHECKPOINT_ENTRIES",
  "checkpoint-interval-ms": "STEMMA_CHECKPOINT_INTERVAL_MS",
  host: "STEMMA_API_HOST",
  port: "STEMMA_API_PORT",
  "ready-head-age-ms": "STEMMA_READY_HEAD_AGE_MS",
  "log-origin": "STEMMA_LOG_ORIGIN",
  "anchor-interval-ms": "STEMMA_ANCHOR_INTERVAL_MS",
  "log-level": "STEMMA_LOG_LEVEL",
} as const satisfies Record<string, keyof z.input<typeof environment>>;

/** Names of the flags with the variable that each overrides, for the usage text. */
export const configFlags: Readonly<Record<string, string>> = FLAGS;

/**
 * Reads the configuration of the indexer.
 *
 * @param env The process's environment. An empty value counts as not given.
 * @param args Command-line arguments, which win over the environment.
 * @throws CONFIG_FLAG_UNKNOWN, CONFIG_KEY_UNKNOWN, CONFIG_KEY_MISSING, CONFIG_VALUE_INVALID, each naming the key. Values are never
 * part of a message, since they may be secrets.
 * @example
 * parseConfig(process.env, process.argv.slice(2)).api.port; // 4000
 */
export function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = [],
): IndexerConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  refuseUnknownKeys(Object.keys(given));
  const parsed = environment.safeParse({ ...given, ...readFlags(args) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StemmaError("CONFIG_VALUE_INVALID", {
      key: String(issue?.path[0] ?? "environment"),
      problem: issue?.message ?? "not understood",
    });
  }
  const values = parsed.data;
  const network = values.STEMMA_NETWORK;
  const local = network === "localhost" ? (values.LOCALHOST_RPC_URL ?? DEFAULT_RPC_URL) : undefined;
  const rpcUrl = values.STEMMA_RPC_URL ?? local;
  if (rpcUrl === undefined) throw new StemmaError("CONFIG_KEY_MISSING", { key: "STEMMA_RPC_URL", network });
  return deepFreeze({
    network,
    rpcUrl,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: values.STEMMA_DATA_DIR ?? `.stemma/${network}`,
    deploymentsDir: values.STEMMA_DEPLOYMENTS_DIR ?? null,
    finality: values.STEMMA_FINALITY,
    checkpoint: {
      entries: values.STEMMA_CHECKPOINT_ENTRIES,
      intervalMs: values.STEMMA_CHECKPOINT_INTERVAL_MS,
    },
    api: { host: values.STEMMA_API_HOST, port: values.STEMMA_API_PORT },
    readyHeadAgeMs: values.STEMMA_READY_HEAD_AGE_MS,
    log: { origin: values.STEMMA_LOG_ORIGIN ?? null, seed: values.STEMMA_LOG_SEED ?? null },
    anchor: { key: values.STEMMA_ANCHOR_KEY ?? null, intervalMs: values.STEMMA_ANCHOR_INTERVAL_MS },
    logLevel: values.STEMMA_LOG_LEVEL,
  });
}

function refuseUnknownKeys(keys: readonly string[]): void {
  const known = new Set(Object.keys(environment.shape));
  const unknown = keys.filter(
    (key) => key.startsWith("STEMMA_") && !known.has(key) && !FOREIGN_KEYS.test(key),
  );
  const [first] = unknown;
  if (first !== undefined) throw new StemmaError("CONFIG_KEY_UNKNOWN", { key: unknown.join(", ") });
}

function readFlags(args: readonly string[]): Record<string, string> {
  const options = Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, { type: "string" as const }]));
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    const byFlag: Readonly<Record<string, unknown>> = values;
    return Object.fromEntries(
      Object.entries(FLAGS).flatMap(([flag, key]) => {
        const value = byFlag[flag];
        return typeof value === "string" ? [[key, value] as const] : [];
      }),
    );
  } catch (cause) {
    const flag = args.find((arg) => arg.startsWith("-") && !((arg.slice(2).split("=")[0] ?? "") in FLAGS));
    throw new StemmaError("CONFIG_FLAG_UNKNOWN", { flag: flag ?? args.join(" ") }, { cause });
  }
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value))
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
