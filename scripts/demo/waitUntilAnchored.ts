import { setTimeout as sleep } from "node:timers/promises";
import type { StemmaClient } from "../../client/index.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { Narrator } from "./narrator.ts";

const LIMIT_MS = 300_000;
const POLL_MS = 200;

/**
 * Waits until every record is in the log and the log is anchored as a whole, and tells of both.
 *
 * @throws DEMO_STEP_FAILED after five minutes.
 */
export async function waitUntilAnchored(
  client: StemmaClient,
  records: number,
  narrator: Narrator,
): Promise<{ readonly entries: number }> {
  const deadline = performance.now() + LIMIT_MS;
  let said = false;
  while (performance.now() < deadline) {
    const { logSize, anchoredSize } = await client.fetchMeta();
    if (!said && logSize >= records) {
      narrator.say(
        `The indexer read the chain: ${logSize} entries are in the Merkle log, under a signed checkpoint.`,
      );
      said = true;
    }
    if (said && anchoredSize >= logSize) {
      narrator.say(
        `The checkpoint over ${anchoredSize} entries is anchored on the chain: nobody can rewrite the log now.`,
      );
      return { entries: Number(logSize) };
    }
    await sleep(POLL_MS);
  }
  throw new StemmaError("DEMO_STEP_FAILED", { step: "the log was not anchored within five minutes" });
}
