/** A point between two durable steps of the pipeline, where a crash has to be harmless. */
export type Stage =
  | "afterDecode"
  | "beforeCommitRange"
  | "afterCommitRange"
  | "beforeRewind"
  | "afterRewind"
  | "beforeFinalize"
  | "afterFinalize"
  | "afterLead"
  | "beforeAppend"
  | "afterAppend"
  | "beforeCheckpoint"
  | "afterCheckpoint"
  | "beforeSeal"
  | "afterSeal"
  | "afterSent"
  | "afterBroadcast"
  | "beforeReceipt"
  | "afterMined"
  | "afterFinal";

/** Told of every stage as it is passed. Crash tests end the process here; everyone else leaves it out. */
export type Probe = { readonly at: (stage: Stage) => void | Promise<void> };
