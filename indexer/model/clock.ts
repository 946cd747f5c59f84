/** Time, passed in so that tests can hold it. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
};
