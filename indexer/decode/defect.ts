import { errorTable } from "../../protocol/errorTable.ts";

/** Why a log from our contract can't be understood. A value rather than an exception: bad logs are data, not accidents. */
export type Defect = {
  readonly kind: "defect";
  /** Code of the error table. */
  readonly reason: string;
  readonly detail: string;
};

/** The bytes aren't the canonical ABI encoding of the event. */
export function malformed(detail: string): Defect {
  return { kind: "defect", reason: errorTable.EVENT_MALFORMED.code, detail };
}

/** The bytes decode, but contradict each other: no honest contract says this. */
export function inconsistent(detail: string): Defect {
  return { kind: "defect", reason: errorTable.EVENT_INCONSISTENT.code, detail };
}

/** The event isn't among those that the registry declares. */
export function unknownEvent(detail: string): Defect {
  return { kind: "defect", reason: errorTable.EVENT_UNKNOWN.code, detail };
}
