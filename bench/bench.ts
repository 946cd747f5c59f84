/** What stands behind `--` on the command line: `--leaves 1000` is `{ leaves: "1000" }`. */
export type BenchOptions = Readonly<Record<string, string>>;

/** The last line of a benchmark. What explains the value stands beside it. */
export type BenchResult = {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  readonly ok: boolean;
  readonly [detail: string]: unknown;
};

/** What a benchmark's module exports. `run` prints its own table for people. */
export type Bench = { readonly run: (options: BenchOptions) => Promise<BenchResult> };

/** The middle of an odd number of runs, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** A whole, positive number among the options, or `otherwise` where it isn't given. */
export function countOption(options: BenchOptions, name: string, otherwise: number): number {
  const text = options[name];
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`--${name} must be a positive whole number`);
  return count;
}
