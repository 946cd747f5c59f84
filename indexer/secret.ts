import { inspect } from "node:util";

/** A value that never shows itself: printing, logging or serialising it gives `[secret]`. */
export type Secret = {
  /** The value itself. Call it where the value is used, and keep it nowhere. */
  readonly reveal: () => string;
};

/** Wraps a value that came from the environment, so that no log, error or metric can carry it by accident. */
export function createSecret(value: string): Secret {
  const secret = { reveal: () => value };
  const hidden = () => "[secret]";
  for (const key of ["toString", "toJSON", inspect.custom]) {
    Object.defineProperty(secret, key, { value: hidden, enumerable: false });
  }
  return Object.freeze(secret);
}
