import { isStemmaError } from "../../protocol/errors.ts";

/** A line for people. */
export function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** A JSON document on one line, bigints as decimal strings and times as ISO 8601. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? inner.toString() : inner)));
}

/** Message, code and advice of an error, on stderr. */
export function sayError(error: unknown): void {
  const lines = isStemmaError(error)
    ? [`${error.message} (${error.code} ${error.name})`, error.advice]
    : [error instanceof Error ? error.message : String(error)];
  process.stderr.write(`${lines.join("\n")}\n`);
}

/** A step with its answer: `yes  name  detail`. */
export function sayStep(step: {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}): void {
  say(`${step.ok ? "yes" : "NO "}  ${step.name.padEnd(12)} ${step.detail}`);
}
