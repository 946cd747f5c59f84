type Kind = "gauge" | "counter" | "histogram";
type Descriptor = { readonly kind: Kind; readonly help: string; readonly labels: readonly string[] };

/** What the pipeline measures: `stemma_<room>_<thing>_<unit>`. The API room serves them; names are stable. */
export const pipelineMetrics = {
  stemma_chain_head_block: { kind: "gauge", help: "Newest block that the node told of", labels: [] },
  stemma_chain_finalized_block: { kind: "gauge", help: "Newest final block", labels: [] },
  stemma_chain_lag_blocks: { kind: "gauge", help: "Blocks between the head and the index", labels: [] },
  stemma_chain_reorg_depth_blocks: {
    kind: "histogram",
    help: "Blocks that a reorg took back",
    labels: [],
  },
  stemma_decode_events_total: { kind: "counter", help: "Events decoded, by kind", labels: ["kind"] },
  stemma_decode_quarantined_total: {
    kind: "counter",
    help: "Logs of our contracts that could not be understood",
    labels: [],
  },
  stemma_store_cursor_block: { kind: "gauge", help: "Newest block in the index", labels: [] },
  stemma_log_size_entries: { kind: "gauge", help: "Entries in the log", labels: [] },
  stemma_log_checkpoint_entries: { kind: "gauge", help: "Size of the newest checkpoint", labels: [] },
  stemma_anchor_size_entries: { kind: "gauge", help: "Size of the newest checkpoint on chain", labels: [] },
  stemma_anchor_lag_entries: { kind: "gauge", help: "Entries in the log that no anchor covers", labels: [] },
  stemma_anchor_open_rows: { kind: "gauge", help: "Anchors that are not final yet", labels: [] },
  stemma_anchor_oldest_seconds: {
    kind: "gauge",
    help: "Age of the oldest anchor that is not final yet",
    labels: [],
  },
  stemma_pipeline_leader_state: {
    kind: "gauge",
    help: "1 where this process writes, 0 where it only reads",
    labels: [],
  },
  stemma_pipeline_queue_bytes: {
    kind: "gauge",
    help: "Log data fetched from the chain and not stored yet",
    labels: [],
  },
  stemma_pipeline_stage_seconds: {
    kind: "histogram",
    help: "Time that one step of a stage took",
    labels: ["stage"],
  },
  stemma_pipeline_retries_total: {
    kind: "counter",
    help: "Steps that failed and were tried again, by error code",
    labels: ["stage", "code"],
  },
  stemma_pipeline_stall_state: {
    kind: "gauge",
    help: "1 while a stage waits for the reason given, 0 once it goes on",
    labels: ["stage", "reason"],
  },
} as const satisfies Record<string, Descriptor>;

type Name = keyof typeof pipelineMetrics;
type Of<Wanted extends Kind> = {
  [Key in Name]: (typeof pipelineMetrics)[Key]["kind"] extends Wanted ? Key : never;
}[Name];
type Labels<Key extends Name> = Readonly<Record<(typeof pipelineMetrics)[Key]["labels"][number], string>>;

/** Where the pipeline's measurements go. */
export type Metrics = {
  readonly set: <Key extends Of<"gauge">>(name: Key, value: number, labels?: Labels<Key>) => void;
  readonly add: <Key extends Of<"counter">>(name: Key, value: number, labels?: Labels<Key>) => void;
  readonly observe: <Key extends Of<"histogram">>(name: Key, value: number, labels?: Labels<Key>) => void;
};
