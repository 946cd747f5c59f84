import { StemmaError } from "../../protocol/errors.ts";
import { type GoTool, type GoToolOptions, resolveGoTool } from "./goTool.ts";

const etcd: GoTool = {
  name: "etcd",
  version: "3.7.3",
  package: "go.etcd.io/etcd/server/v3",
  variable: "STEMMA_ETCD",
  versionArguments: ["--version"],
};

/**
 * Path of an etcd that runs: STEMMA_ETCD, else one from PATH, else the cache, else one that is built now.
 *
 * @throws ETCD_PROGRAM_MISSING
 */
export function resolveEtcd(options: GoToolOptions): Promise<string> {
  return resolveGoTool(etcd, options, (problem) => new StemmaError("ETCD_PROGRAM_MISSING", { problem }));
}
