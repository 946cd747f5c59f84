import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";

/** Largest number of wei that an account can be given: what fits 128 bits, so that sums stay far from 256. */
const MAX_BALANCE_WEI = 2n ** 128n - 1n;
const MAX_PORT = 65_535;

/** A mapping with just these keys. The message of every field says what is allowed: the reader of the spec puts the line before it. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: `the keys ${Object.keys(shape).join(", ")}` });
}

/** One of these words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: words.join(", ") });
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(from: number, to: number, unit = "") {
  const error = `a whole number from ${from} to ${to}${unit}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** A TCP port that a program without rights may listen at. */
export function port() {
  return wholeNumber(1_024, MAX_PORT);
}

/** True or false. */
export function flag() {
  return z.boolean({ error: "true, false" });
}

/** Text that fits a pattern; `allowed` says in words what that is. */
export function textLike(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

/** An account's address, lower case. */
export function address() {
  return textLike(/^0x[0-9a-fA-F]{40}$/, "an address: 0x and 40 hex digits").transform(
    (value) => value.toLowerCase() as Hex,
  );
}

/** A sum in wei as a bigint. */
export function wei() {
  const error = "a whole number of wei, at most 128 bits";
  return z
    .union([z.string().regex(/^([0-9]{1,39}|0x[0-9a-fA-F]{1,32})$/), z.int().nonnegative()], { error })
    .transform((value) => BigInt(value))
    .refine((value) => value <= MAX_BALANCE_WEI, { error });
}

/** An amount of memory or disk as Kubernetes writes it, e.g. `8Gi`. */
export function bytesQuantity() {
  return textLike(/^[1-9][0-9]{0,5}(Mi|Gi|Ti)$/, "an amount such as 512Mi, 8Gi or 1Ti");
}

/** Bytes of such an amount. */
export function bytesOf(quantity: string): number {
  const units: Readonly<Record<string, number>> = { Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
  return Number(quantity.slice(0, -2)) * (units[quantity.slice(-2)] ?? Number.NaN);
}

/** A program's version, at least the given one; `reason` says why older ones won't do. */
export function versionFrom(oldest: string, reason: string) {
  const allowed = `a version from ${oldest} on, such as ${oldest} (${reason})`;
  return textLike(/^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$/, allowed).refine(
    (version) => compareVersions(version, oldest) >= 0,
    { error: allowed },
  );
}

/** A container image that stands for one program: with a version, a digest, or both. */
export function image() {
  return textLike(
    /^[a-z0-9][a-z0-9._/:-]*?(:(?!latest(@|$))[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
    "an image with a version other than latest, a digest or both, such as name:1.2.3@sha256:… (64 hex digits)",
  );
}

function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => version.split(".").map(Number);
  const other = numbers(b);
  return numbers(a)
    .map((part, i) => part - (other[i] ?? 0))
    .reduce((sum, difference) => sum || difference, 0);
}
