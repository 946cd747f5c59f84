import type { FinalityDriver } from "./driver.ts";

/** A block is final once `depth` blocks stand on it: for chains that promise no more than that. */
export function createDepthFinality(depth: number): FinalityDriver {
  return {
    name: "depth",
    finalBlock: async ({ header }) => {
      const number = header.number - BigInt(depth);
      return number < 0n ? null : { number, hash: null };
    },
  };
}
