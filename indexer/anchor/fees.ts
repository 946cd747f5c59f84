import type { PublicClient } from "viem";
import { chainError } from "./chainError.ts";

/** What a transaction offers, in wei for each unit of gas. `legacy` where the chain has no base fee, or asks for nothing. */
export type Fees =
  | { readonly type: "legacy"; readonly gasPrice: bigint }
  | { readonly type: "eip1559"; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** geth's pool refuses a tip below 1 wei, and its miner puts 0 back to 1,000,000: see `--miner.gasprice`. */
const LEAST_TIP_WEI = 1n;
/** The base fee rises by at most 1/8 a block (EIP-1559), so twice the present one holds for five full blocks. */
const BASE_FEE_HEADROOM = 2n;
/** Nodes ask for 10 % more to replace a transaction; some round up, so a quarter more is offered. */
const BUMP_PERCENT = 125n;

/**
 * Fees for a transaction sent now. A chain whose gas is free (base fee absent or 0, and a gas price of 0) gets a gas price of 0.
 *
 * @throws ANCHORING_CHAIN_UNREACHABLE
 */
export async function suggestFees(client: PublicClient): Promise<Fees> {
  const [block, gasPrice] = await Promise.all([
    client.getBlock({ blockTag: "latest" }).catch(chainError("getBlockByNumber")),
    client.getGasPrice().catch(chainError("gasPrice")),
  ]);
  const base = block.baseFeePerGas ?? null;
  if (base === null || (base === 0n && gasPrice === 0n)) return { type: "legacy", gasPrice };
  const suggested = await client
    .request({ method: "eth_maxPriorityFeePerGas" })
    .then(BigInt)
    // Not every engine has the call; what the gas price holds above the base fee is the same thing.
    .catch(() => (gasPrice > base ? gasPrice - base : 0n));
  const tip = suggested > LEAST_TIP_WEI ? suggested : LEAST_TIP_WEI;
  return { type: "eip1559", maxPriorityFeePerGas: tip, maxFeePerGas: base * BASE_FEE_HEADROOM + tip };
}

/** Fees that every node accepts as a replacement of `sent`: at least a quarter more, and never less than `suggested`. */
export function bumpFees(sent: Fees, suggested: Fees): Fees {
  if (sent.type === "legacy") {
    return { type: "legacy", gasPrice: larger(bump(sent.gasPrice), priceOf(suggested)) };
  }
  const tip = suggested.type === "legacy" ? suggested.gasPrice : suggested.maxPriorityFeePerGas;
  const maxPriorityFeePerGas = larger(bump(sent.maxPriorityFeePerGas), tip);
  const maxFeePerGas = larger(bump(sent.maxFeePerGas), priceOf(suggested));
  return {
    type: "eip1559",
    maxPriorityFeePerGas,
    maxFeePerGas: larger(maxFeePerGas, maxPriorityFeePerGas),
  };
}

/** The most that a unit of gas may cost, in wei. */
export function priceOf(fees: Fees): bigint {
  return fees.type === "legacy" ? fees.gasPrice : fees.maxFeePerGas;
}

function bump(price: bigint): bigint {
  return (price * BUMP_PERCENT) / 100n + 1n;
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
