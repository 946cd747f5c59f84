import type { Hex } from "../../protocol/bytes.ts";
import type { ChainHealth, FinalityDriverName } from "../model/chain.ts";
import type { ChangeFeed, Reader } from "../model/reader.ts";
import type { LogStore } from "../model/store.ts";

/** What the process that serves the API knows of itself, for `/ready`. All calls MUST answer from memory but `ping`. */
type ApiHealth = {
  readonly chain: () => ChainHealth;
  /** Why indexing halted for good; null while it goes on. */
  readonly halted: () => string | null;
  /** Fails where the database can't be used: down, or with a schema that this program doesn't know. */
  readonly ping: () => Promise<void>;
};

/** What the API answers for. Fixed for the life of the process. */
type ApiDeployment = {
  /** Name of the network, as in `deployments/`. */
  readonly network: string;
  readonly chainId: bigint;
  readonly registry: Hex;
  /** Address of the CheckpointAnchor contract. */
  readonly anchor: Hex;
  /** Origin line of the log's checkpoints. */
  readonly logOrigin: string;
  /** C2SP verifier key of the log. */
  readonly logKey: string;
  readonly finality: FinalityDriverName;
};

type ApiClock = { readonly now: () => number };

/** The part of a pino logger that the API writes to. */
export type ApiLogger = {
  readonly debug: (attributes: object, message: string) => void;
  readonly info: (attributes: object, message: string) => void;
  readonly warn: (attributes: object, message: string) => void;
  readonly error: (attributes: object, message: string) => void;
};

type ApiLog = Pick<LogStore, "readTile" | "checkpointAt" | "latestCheckpoint">;

/** What resolvers and plain routes work with. */
export type ApiSources = {
  readonly reader: Reader;
  readonly log: ApiLog;
  readonly changes: ChangeFeed;
  readonly health: ApiHealth;
  readonly deployment: ApiDeployment;
  readonly clock: ApiClock;
  readonly logger: ApiLogger;
};
