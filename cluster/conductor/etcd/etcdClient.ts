export type EtcdKeyValue = {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision at which the key was created: 0 in a comparison means that it doesn't exist. */
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** Lease that the key lives by, 0 for none. */
  readonly lease: bigint;
};

/** A key, all keys that begin with it (`prefix`), or those from `key` up to but without `end`. */
export type EtcdRange = {
  readonly key: string;
  readonly prefix?: boolean;
  readonly end?: string;
};

export type EtcdRangeOptions = {
  readonly limit?: number;
  readonly sort?: "createRevision";
};

export type EtcdRangeReply = {
  /** Of the whole store, when it was read: a watch from the next one misses nothing. */
  readonly revision: bigint;
  readonly items: readonly EtcdKeyValue[];
};

export type EtcdCompare =
  | { readonly key: string; readonly createRevision: bigint }
  | { readonly key: string; readonly value: Uint8Array };

export type EtcdOperation =
  | { readonly put: { readonly key: string; readonly value: Uint8Array; readonly lease?: bigint } }
  | { readonly range: EtcdRange }
  | { readonly delete: EtcdRange };

export type EtcdTransaction = {
  /** All must hold for `success` to be done, else `failure` is. */
  readonly compare: readonly EtcdCompare[];
  readonly success: readonly EtcdOperation[];
  readonly failure?: readonly EtcdOperation[];
};

export type EtcdTransactionReply = {
  readonly succeeded: boolean;
  readonly revision: bigint;
  /** What each operation read, in their order; empty for puts and deletes. */
  readonly reads: readonly (readonly EtcdKeyValue[])[];
};

export type EtcdWatchEvent = {
  readonly type: "put" | "delete";
  readonly item: EtcdKeyValue;
};

export type EtcdStatus = {
  readonly version: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** 0 while the members have no leader. */
  readonly leader: bigint;
  readonly databaseBytes: bigint;
  /** Alarms and other trouble, e.g. NOSPACE. */
  readonly errors: readonly string[];
};

/**
 * etcd v3. A call is sent once, to one endpoint: where no answer came (ETCD_UNAVAILABLE) nobody knows whether a write was done, and
 * the next call goes to the next endpoint. Reads are linearizable.
 */
export type EtcdClient = {
  readonly range: (range: EtcdRange, options?: EtcdRangeOptions) => Promise<EtcdRangeReply>;
  /** Returns the revision of the write. */
  readonly put: (key: string, value: Uint8Array, options?: { lease?: bigint }) => Promise<bigint>;
  readonly transact: (transaction: EtcdTransaction) => Promise<EtcdTransactionReply>;
  readonly grantLease: (ttlSeconds: number) => Promise<{ lease: bigint; ttlSeconds: number }>;
  /** Returns the seconds that the lease has again. */
  readonly keepLeaseAlive: (lease: bigint) => Promise<number>;
  readonly revokeLease: (lease: bigint) => Promise<void>;
  /**
   * Yields the changes of one revision or several at a time, from `fromRevision` on, without a gap: a connection that breaks is opened
   * again after the last one seen. Ends when `signal` is aborted.
   *
   * @throws ETCD_COMPACTED where the revision is gone: read the state, then watch from there.
   */
  readonly watch: (
    range: EtcdRange,
    options: { fromRevision: bigint; signal: AbortSignal },
  ) => AsyncIterable<readonly EtcdWatchEvent[]>;
  /** Of the endpoint that is asked next. */
  readonly status: () => Promise<EtcdStatus>;
};
