import { describeError } from "../../../protocol/errors.ts";
import type { ApiLimits } from "../limits/apiLimits.ts";
import type { ApiSources } from "../ports.ts";
import { type Answer, json } from "./respond.ts";

/** Why the server should get no requests now. */
type HealthProblem = {
  readonly check: "database" | "chain" | "halted" | "head" | "lag";
  readonly reason: string;
};

/** Time that the database gets to answer a ping. */
const PING_TIMEOUT_MS = 2_000;

/** `/live`: the process runs and answers. Says nothing of what it depends on, so that a restart isn't tried for that. */
export function answerLive(): Answer {
  return json(200, { live: true });
}

/** `/ready`: 200, or 503 with every reason. */
export async function answerReady(sources: ApiSources, limits: ApiLimits): Promise<Answer> {
  const problems = await findProblems(sources, limits);
  return problems.length === 0
    ? json(200, { ready: true })
    : json(503, { ready: false, problems }, { "Retry-After": "1" });
}

async function findProblems(sources: ApiSources, limits: ApiLimits): Promise<HealthProblem[]> {
  const { health } = sources;
  const problems: HealthProblem[] = [];
  const halted = health.halted();
  if (halted !== null) problems.push({ check: "halted", reason: `Indexing halted: ${halted}` });

  const { head, headAgeMs, nodeError } = health.chain();
  if (nodeError !== null) problems.push({ check: "chain", reason: `The node doesn't answer: ${nodeError}` });
  else if (head === null) problems.push({ check: "chain", reason: "The chain's head isn't known yet" });
  const movesAlways = sources.deployment.finality !== "instant";
  if (movesAlways && headAgeMs !== null && headAgeMs > limits.headAgeMs) {
    const seconds = Math.round(headAgeMs / 1_000);
    problems.push({ check: "head", reason: `The chain's head hasn't moved for ${seconds} s` });
  }

  try {
    await withTimeout(health.ping(), PING_TIMEOUT_MS);
    const indexed = (await withTimeout(sources.reader.status(), PING_TIMEOUT_MS)).head?.number ?? -1n;
    if (head !== null && head - indexed > limits.lagBlocks) {
      problems.push({ check: "lag", reason: `The index is ${head - indexed} blocks behind the chain` });
    }
  } catch (error) {
    problems.push({ check: "database", reason: `The database can't be used: ${describeError(error)}` });
  }
  return problems;
}

async function withTimeout<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError")),
    timeoutMs,
  );
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
