import { StemmaError } from "../../../protocol/errors.ts";
import { type Rpc, resultOf } from "../rpc.ts";
import { createDepthFinality } from "./depth.ts";
import type { FinalityDriver } from "./driver.ts";
import { createInstantFinality } from "./instant.ts";
import { createQbftFinality, speaksQbft } from "./qbft.ts";
import { createTagFinality, knowsFinalized } from "./tag.ts";

/** What the operator asks for. `auto` finds out from the node. */
export type FinalityChoice =
  | { readonly driver: "auto" | "instant" | "tag" | "qbft" }
  | { readonly driver: "depth"; readonly depth: number };

const DEVELOPMENT = /hardhat|edr|anvil/i;
const GETH = /^geth\//i;

/**
 * The driver asked for. `auto` goes by the configuration, then by what the node can do, then by what its engine does by default:
 * development chains are instant (their `finalized` tag lags and means nothing), a node that answers for QBFT is qbft, one that knows
 * `finalized` is tag, and so is geth even where nobody has driven it yet.
 *
 * @throws FINALITY_UNKNOWN where nothing fits: finality is never guessed. RPC_UNREACHABLE
 */
export async function chooseFinality(
  dependencies: { readonly rpc: Rpc },
  choice: FinalityChoice,
): Promise<FinalityDriver> {
  const { rpc } = dependencies;
  if (choice.driver === "depth") return createDepthFinality(choice.depth);
  if (choice.driver === "instant") return createInstantFinality();
  if (choice.driver === "tag") return createTagFinality({ rpc });
  if (choice.driver === "qbft") return createQbftFinality({ rpc });
  const call = { method: "web3_clientVersion", params: [] };
  const client = String(resultOf((await rpc.batch([call])).replies[0], call.method));
  if (DEVELOPMENT.test(client)) return createInstantFinality();
  if (await speaksQbft(rpc)) return createQbftFinality({ rpc });
  if ((await knowsFinalized(rpc)) || GETH.test(client)) return createTagFinality({ rpc });
  throw new StemmaError("FINALITY_UNKNOWN", { client: client.slice(0, 80) });
}
