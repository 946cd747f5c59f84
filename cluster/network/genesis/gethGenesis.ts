import { ZERO_HASH } from "../../../protocol/bytes.ts";
import type { ClusterSpec } from "../../spec/schema.ts";
import { buildGenesis, type Genesis } from "./genesis.ts";

/**
 * Genesis of a geth cluster. Blob-parameter forks above BPO2 and Bogota are never set: they move the Engine API to methods that the
 * conductor doesn't speak. `depositContractAddress` stays unset, so that no log is taken for a deposit.
 */
export function gethGenesis(spec: ClusterSpec): Genesis {
  return buildGenesis(
    spec,
    { terminalTotalDifficulty: 0 },
    { extraData: "0x", difficulty: "0x0", mixHash: ZERO_HASH },
  );
}
