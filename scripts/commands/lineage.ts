import {
  createStemmaClient,
  type FetchLineageReturnType,
  isStemmaError,
  type RecordView,
} from "../../client/index.ts";
import type { Hex } from "../../protocol/bytes.ts";
import { dataId, namespaceId } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { apiConnection } from "./apiConnection.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson } from "./print.ts";
import { hexFlag, numberFlag, type TargetFlags } from "./target.ts";

export type LineageFlags = TargetFlags & {
  readonly namespace?: string;
  readonly direction?: string;
  readonly depth?: string;
  readonly nodes?: string;
  readonly asOf?: string;
  readonly json?: boolean;
};

type Direction = "UPSTREAM" | "DOWNSTREAM";

/** `stemma lineage`: the history of a record or a dataset as a tree. */
export async function lineage(start: string, flags: LineageFlags): Promise<ExitCode> {
  const client = createStemmaClient(apiConnection(flags));
  const limits = {
    ...(flags.depth === undefined ? {} : { maxDepth: Number(numberFlag(flags.depth, "--depth")) }),
    ...(flags.nodes === undefined ? {} : { maxNodes: Number(numberFlag(flags.nodes, "--nodes")) }),
    ...(flags.asOf === undefined ? {} : { asOfBlock: numberFlag(flags.asOf, "--as-of") }),
  };
  const directions = directionsOf(flags.direction);
  const from = await findStart(client, start, flags.namespace);
  const answers = [];
  for (const direction of directions) {
    answers.push({ direction, ...(await client.fetchLineage({ ...from, direction, ...limits })) });
  }
  if (flags.json) {
    sayJson(answers.length === 1 ? answers[0] : answers);
    return 0;
  }
  for (const answer of answers) {
    if (answers.length > 1) say(answer.direction === "UPSTREAM" ? "Made from:" : "Made into:");
    for (const line of drawLineage(answer, answer.direction)) say(line);
    if (answer.truncated) say("… cut off: ask for more with --depth and --nodes");
  }
  return 0;
}

/** Lines of a tree. A record that was drawn before is named once more but not followed again. */
export function drawLineage(answer: FetchLineageReturnType, direction: Direction): string[] {
  const nodes = new Map(answer.nodes.flatMap(({ record }) => (record ? [[record.recordHash, record]] : [])));
  const next = new Map<Hex, { hash: Hex; kind: string }[]>();
  for (const { child, parent, kind } of answer.edges) {
    const [from, to] = direction === "UPSTREAM" ? [child, parent] : [parent, child];
    next.set(from, [...(next.get(from) ?? []), { hash: to, kind }]);
  }
  const drawn = new Set<Hex>();
  const lines: string[] = [];
  for (const { depth, record } of answer.nodes) {
    if (depth === 0 && record) draw(record.recordHash, "", "", "");
  }
  return lines;

  /** A stack of its own would be needed for depths beyond some thousand; the API's limit is 100. */
  function draw(hash: Hex, first: string, rest: string, kind: string): void {
    const record = nodes.get(hash);
    const again = drawn.has(hash);
    drawn.add(hash);
    lines.push(
      `${first}${record ? describe(record) : hash}${kind === "PREVIOUS" ? " (before)" : ""}${again ? " (see above)" : ""}`,
    );
    if (again) return;
    const children = next.get(hash) ?? [];
    children.forEach((child, index) => {
      const last = index === children.length - 1;
      draw(child.hash, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`, child.kind);
    });
  }
}

function describe(record: RecordView): string {
  const name = record.dataset?.name ?? record.dataId.slice(0, 10);
  const status = record.status === "ACTIVE" ? "" : ` [${record.status}]`;
  return `${printable(name)} #${record.sequence} ${record.operation} ${record.recordHash.slice(0, 10)}…${status}`;
}

/** Names come from anyone: control characters could write over the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^(?!\\)/, "?"),
  );
}

function directionsOf(text = "UPSTREAM"): readonly Direction[] {
  const wanted = text.toUpperCase();
  if (wanted === "UPSTREAM" || wanted === "DOWNSTREAM") return [wanted];
  if (wanted === "BOTH") return ["UPSTREAM", "DOWNSTREAM"];
  throw new StemmaError("USAGE", {
    problem: `--direction must be upstream, downstream or both, got ${text.slice(0, 40)}`,
  });
}

/** A hash may be a record's or a dataset's; a name needs its namespace. */
async function findStart(
  client: ReturnType<typeof createStemmaClient>,
  start: string,
  namespace: string | undefined,
): Promise<{ recordHash: Hex } | { dataId: Hex }> {
  if (namespace !== undefined) return { dataId: dataId(namespaceId(namespace), start) };
  if (!start.startsWith("0x")) {
    throw new StemmaError("USAGE", {
      problem: "Give a record's hash, a dataset's id, or a name with --namespace",
    });
  }
  const hash = hexFlag(start, "The start", 32);
  try {
    await client.fetchRecord({ recordHash: hash });
    return { recordHash: hash };
  } catch (error) {
    if (!isStemmaError(error, "RECORD_NOT_FOUND")) throw error;
    return { dataId: hash };
  }
}
