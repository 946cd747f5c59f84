import { bytesToHex, type Hex } from "../../protocol/bytes.ts";
import type { InspectedRow, Inspection } from "../store/inspect.ts";
import type { ChainReader } from "./chainReader.ts";
import type { RootOf } from "./checkCheckpoints.ts";
import type { Difference } from "./difference.ts";

/** States in which a row claims that the chain holds the anchor. */
const ON_CHAIN = new Set(["MINED", "FINAL"]);

/** Every row of the outbox against tree and contract, and every anchoring on chain against the rows. */
export async function* checkAnchors(
  found: Inspection,
  chain: ChainReader,
  rootOf: RootOf,
  blocks: { readonly from: bigint; readonly to: bigint },
): AsyncGenerator<Difference> {
  const known = new Map<bigint, string>();
  for await (const row of found.rows("anchor")) {
    const size = BigInt(String(row.size));
    const root = row.root instanceof Uint8Array ? bytesToHex(row.root) : "nothing";
    known.set(size, root);
    const detail = await problemOf(row, size, root, chain, rootOf);
    if (detail !== null) yield { where: "anchor", key: size.toString(), problem: "changed", detail };
  }
  for await (const { size, root, blockNumber } of chain.anchored(blocks.from, blocks.to)) {
    if (known.get(size) === root) continue;
    const problem = known.has(size) ? "changed" : "missing";
    const detail = `block ${blockNumber} of the chain anchors root ${root}`;
    yield { where: "anchor", key: size.toString(), problem, detail };
  }
}

async function problemOf(
  row: InspectedRow,
  size: bigint,
  root: string,
  chain: ChainReader,
  rootOf: RootOf,
): Promise<string | null> {
  const expected = await rootOf(size);
  if (expected === null) return "the chain gives fewer entries than this anchor covers";
  if (bytesToHex(expected) !== root) return `root is ${root}, the entries give ${bytesToHex(expected)}`;
  if (!ON_CHAIN.has(String(row.state))) return null;
  const anchored: Hex = await chain.rootAt(size);
  return anchored === root ? null : `the row says ${row.state}, the contract holds ${anchored} for this size`;
}
