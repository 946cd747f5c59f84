import { type ErrorName, errorTable } from "./errorTable.ts";

type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** Values for the `{placeholders}` of an error's message. */
export type ErrorValues<Name extends ErrorName> = {
  readonly [Key in Placeholders<(typeof errorTable)[Name]["message"]>]: string | number | bigint;
};

/**
 * The one error class of Stemma. Callers branch on `name`, `code` or `retry`, never on the text.
 *
 * @example
 * throw new StemmaError("PROOF_WRONG_LENGTH", { expected: 3, given: 2 });
 */
export class StemmaError<Name extends ErrorName = ErrorName> extends Error {
  override readonly name: Name;
  /** Stable identifier such as `STM-104`. */
  readonly code: string;
  /** True where the same call may succeed later without any change to it. */
  readonly retry: boolean;
  /** What to do about it. */
  readonly advice: string;
  readonly values: Readonly<Record<string, string | number | bigint>>;
  /** Path of the page that explains the error. */
  readonly docsPath: string;

  constructor(name: Name, values: ErrorValues<Name>, options?: { cause?: unknown }) {
    const entry = errorTable[name];
    const given = values as Readonly<Record<string, string | number | bigint>>;
    super(
      entry.message.replace(/\{(\w+)\}/g, (_, key: string) => String(given[key])),
      options,
    );
    this.name = name;
    this.code = entry.code;
    this.retry = entry.retry;
    this.advice = entry.advice;
    this.values = given;
    this.docsPath = `docs/errors.md#${entry.code.toLowerCase()}`;
  }
}

/** True where `error` is a {@link StemmaError}, of the given name if one is given. */
export function isStemmaError<Name extends ErrorName = ErrorName>(
  error: unknown,
  name?: Name,
): error is StemmaError<Name> {
  return error instanceof StemmaError && (name === undefined || error.name === name);
}

/** Message, code and advice of any error, in one line for people. */
export function describeError(error: unknown): string {
  if (error instanceof StemmaError) return `${error.message} (${error.code}). ${error.advice}`;
  return error instanceof Error ? error.message : String(error);
}
