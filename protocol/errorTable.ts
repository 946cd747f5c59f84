/**
 * Every error that Stemma raises off chain. Codes are stable and never reused; each room has its range:
 * protocol 100, deployments and tasks 200, client and command line 300, importers 400, chain and decode 500, store 600, log and
 * anchor 700, api and ingest 800, pipeline and configuration 900.
 */
export const errorTable = {
  ASSERTION_FAILED: {
    code: "STM-100",
    message: "Impossible state: {what}",
    retry: false,
    advice: "This is a defect of Stemma: please report it with the log around it.",
  },
  INVALID_HEX: {
    code: "STM-101",
    message: "{field} must be {bytes} bytes of hex with 0x in front, got {given}",
    retry: false,
    advice: "Give the value as 0x followed by hexadecimal digits of exactly that length.",
  },
} as const satisfies Record<
  string,
  { code: `STM-${number}`; message: string; retry: boolean; advice: string }
>;

export type ErrorName = keyof typeof errorTable;
