import { StemmaError } from "../../protocol/errors.ts";
import { type GoTool, type GoToolOptions, resolveGoTool } from "./goTool.ts";

/** The first version whose recovery after a crash is whole, and the last that builds from the module proxy. */
const geth: GoTool = {
  name: "geth",
  version: "1.17.8",
  package: "github.com/ethereum/go-ethereum/cmd/geth",
  variable: "STEMMA_GETH",
  versionArguments: ["version"],
};

/**
 * Path of a geth that runs: STEMMA_GETH, else one from PATH, else the cache, else one that is built now.
 *
 * @throws GETH_UNAVAILABLE
 */
export function resolveGeth(options: GoToolOptions): Promise<string> {
  return resolveGoTool(geth, options, (problem) => new StemmaError("GETH_UNAVAILABLE", { problem }));
}
