import type { ChainEvent, EventOrigin } from "../model/event.ts";
import type { Defect } from "./defect.ts";
import type { Digests } from "./digests.ts";
import type { LogBytes } from "./logBytes.ts";

/** Decodes one kind of event. `digests` is null where the event's own hashes are taken on trust. */
export type EventDecoder = (
  log: LogBytes,
  origin: EventOrigin,
  digests: Digests | null,
) => ChainEvent | Defect;
