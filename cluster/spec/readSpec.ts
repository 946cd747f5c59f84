import { readFile } from "node:fs/promises";
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, Scalar, visit } from "yaml";
import type { core } from "zod";
import { StemmaError } from "../../protocol/errors.ts";
import { etcdMemberCount, findProblems, type SpecProblem } from "./problems.ts";
import { type ClusterSpec, type ParsedSpec, specSchema } from "./schema.ts";
import { findWarnings } from "./warnings.ts";

/** A warning with the place that it is about. */
export type PlacedWarning = { readonly line: number; readonly key: string; readonly text: string };
export type ReadSpec = { readonly spec: ClusterSpec; readonly warnings: readonly PlacedWarning[] };

type Problem = SpecProblem & { readonly line: number };
type Document = ReturnType<typeof parseDocument>;

const MAX_SHOWN_CHARACTERS = 60;

/** Reads `cluster.yaml`. @throws SPEC_UNREADABLE, and as {@link parseSpec} */
export async function readSpec(file: string): Promise<ReadSpec> {
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new StemmaError("SPEC_UNREADABLE", { file, problem: cause.message }, { cause });
  });
  return parseSpec(text, file);
}

/**
 * The spec that a text holds, all defaults set, and what is legal in it but unwise. An error names file and line, the key and what
 * is allowed; the first problem of the file gives the error its name, the others follow in the message.
 *
 * @throws SPEC_SYNTAX, SPEC_KEY_UNKNOWN, SPEC_KEY_MISSING, SPEC_VALUE_INVALID, SPEC_PORTS_COLLIDE
 * @example parseSpec("engine: geth\nnodes: {validator: 3}", "cluster.yaml").spec.etcd // { members: 3 }
 */
export function parseSpec(text: string, file: string): ReadSpec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken) throw syntaxError(file, lines, broken.pos[0], broken.message);
  visit(document, {
    // A line number would be that of the anchor, and a recursive alias has no end.
    Alias(_, node) {
      throw syntaxError(file, lines, offsetOf(node) ?? 0, "aliases aren't taken, write the value out");
    },
  });
  keepDigits(document);
  const lineOf = (path: readonly PropertyKey[], child?: string) => findLine(document, lines, path, child);
  const value: unknown = document.toJS();
  const parsed = specSchema.safeParse(value);
  if (!parsed.success) {
    throw refusal(
      file,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, value, lineOf)),
    );
  }
  const problems = findProblems(parsed.data).map((problem) => ({ ...problem, line: lineOf(problem.path) }));
  if (problems.length > 0) throw refusal(file, problems);
  const spec = complete(parsed.data);
  const warnings = findWarnings(spec).map(({ path, text: warning }) => ({
    line: lineOf(path),
    key: keyOf(path),
    text: warning,
  }));
  return { spec, warnings };
}

function syntaxError(file: string, lines: LineCounter, offset: number, problem: string): StemmaError {
  return new StemmaError("SPEC_SYNTAX", { file, line: lines.linePos(offset).line, problem });
}

function complete(spec: ParsedSpec): ClusterSpec {
  const isGeth = spec.engine === "geth";
  // Cancun is what the contracts are compiled for; geth's conductor needs the methods of Osaka.
  const fork = spec.chain.fork ?? (isGeth ? "osaka" : "cancun");
  return {
    ...spec,
    chain: { ...spec.chain, fork },
    etcd: isGeth ? { members: etcdMemberCount(spec) } : null,
  };
}

/** Addresses and large sums that stand without quotes are numbers for YAML, and would lose digits: they stay text. */
function keepDigits(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== "number" || node.source === undefined) return;
      const isHex = /^0x/i.test(node.source);
      if (isHex || (/^[0-9]+$/.test(node.source) && !Number.isSafeInteger(node.value))) {
        node.value = node.source;
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
}

function describeIssue(
  issue: core.$ZodIssue,
  value: unknown,
  lineOf: (path: readonly PropertyKey[], child?: string) => number,
): Problem[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      name: "SPEC_KEY_UNKNOWN",
      path: [...path, key],
      given: key,
      allowed: issue.message,
      line: lineOf(path, key),
    }));
  }
  const given = valueAt(value, path);
  const isMissing = given === undefined;
  return [
    {
      name: isMissing ? "SPEC_KEY_MISSING" : "SPEC_VALUE_INVALID",
      path,
      given: show(given),
      allowed: issue.message,
      line: lineOf(path),
    },
  ];
}

/** The error of the first problem of the file, with the rest in its message. */
function refusal(file: string, problems: readonly Problem[]): StemmaError {
  const [first, ...rest] = problems.toSorted((a, b) => a.line - b.line);
  if (!first) throw new StemmaError("ASSERTION_FAILED", { what: "a spec is refused without a problem" });
  const others = rest.map((problem) => `\n  ${errorOf(file, problem, "").message}`).join("");
  return errorOf(file, first, others);
}

function errorOf(file: string, problem: Problem, others: string): StemmaError {
  const { name, line, given, allowed } = problem;
  return new StemmaError(name, { file, line, key: keyOf(problem.path), given, allowed, others });
}

function keyOf(path: readonly (string | number)[]): string {
  return (
    path.map((part, i) => (typeof part === "number" ? `[${part}]` : i ? `.${part}` : part)).join("") ||
    "the file"
  );
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, part) : undefined),
    value,
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

/** Line of a key, or of the nearest one around it that the file has. */
function findLine(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  child?: string,
): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const part of child === undefined ? path : [...path, child]) {
    const pair = isMap(node) ? node.items.find((item) => keyText(item) === String(part)) : undefined;
    if (pair) {
      offset = offsetOf(pair.key) ?? offset;
      node = pair.value;
    } else {
      const item: unknown = typeof part === "number" && hasItems(node) ? node.items[part] : undefined;
      if (item === undefined) break;
      offset = offsetOf(item) ?? offset;
      node = item;
    }
  }
  return lines.linePos(offset ?? 0).line;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function hasItems(node: unknown): node is { items: unknown[] } {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}

function offsetOf(node: unknown): number | undefined {
  return typeof node === "object" && node !== null && "range" in node ? (node as Node).range?.[0] : undefined;
}
