import { bytesToHex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { Ownership } from "../model/store.ts";
import type { Lane, Transaction } from "./lane.ts";

type OwnershipRow = {
  chain_id: bigint;
  genesis_hash: Uint8Array;
  registry: Uint8Array;
  anchor: Uint8Array;
  log_origin: string;
  log_key: string;
};

/**
 * Binds an empty database to a chain, its contracts and the log; later checks that it is the same.
 *
 * @throws DATABASE_OWNED_BY_OTHER naming the first difference, so that rows of two chains never mix.
 */
export function claim(lane: Lane, owner: Ownership): Promise<void> {
  return lane.transaction((tx) => claimIn(tx, owner));
}

async function claimIn(sql: Transaction, owner: Ownership): Promise<void> {
  const { chain, registry, anchor, logOrigin, logKey } = owner;
  await sql`INSERT INTO ownership (chain_id, genesis_hash, registry, anchor, log_origin, log_key)
    VALUES (${chain.chainId}, ${chain.genesisHash}, ${registry}, ${anchor}, ${logOrigin}, ${logKey})
    ON CONFLICT DO NOTHING`;
  const [row] = await sql<OwnershipRow[]>`SELECT * FROM ownership`;
  if (row === undefined) throw new StemmaError("ASSERTION_FAILED", { what: "no owner after a claim" });
  const fields: readonly (readonly [string, string, string])[] = [
    ["chain id", row.chain_id.toString(), chain.chainId.toString()],
    ["genesis block", bytesToHex(row.genesis_hash), bytesToHex(chain.genesisHash)],
    ["registry", bytesToHex(row.registry), bytesToHex(registry)],
    ["checkpoint anchor", bytesToHex(row.anchor), bytesToHex(anchor)],
    ["log origin", row.log_origin, logOrigin],
    ["log key", row.log_key, logKey],
  ];
  for (const [field, stored, given] of fields) {
    if (stored !== given) throw new StemmaError("DATABASE_OWNED_BY_OTHER", { field, stored, given });
  }
}
