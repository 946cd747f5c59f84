import { bytesToHex } from "../../protocol/bytes.ts";
import type { InspectedValue } from "../store/inspect.ts";

/** Something in the database that isn't what the chain and the protocol say. */
export type Difference = {
  /** Table, or `chain`, `checkpoint`, `anchor` for what isn't about one row. */
  readonly where: string;
  /** Primary key of the row, or what stands for it. */
  readonly key: string;
  readonly problem: "missing" | "extra" | "changed";
  /** One line for people: column, what is there, what should be. */
  readonly detail: string;
};

const SHOWN_CHARACTERS = 66;

/** A value as people read it. */
export function shown(value: InspectedValue | undefined): string {
  if (value === undefined || value === null) return "nothing";
  const text = value instanceof Uint8Array ? bytesToHex(value) : String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
