type Write = (attributes: object, message: string) => void;

/** The part of a pino logger that the pipeline writes to: a constant message, data as attributes. */
export type Logger = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
};
