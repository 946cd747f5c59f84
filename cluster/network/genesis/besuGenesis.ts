import { bytesToHex, compareBytes, type Hex, hexToBytes } from "../../../protocol/bytes.ts";
import { encodeExtraData } from "../../../protocol/qbft.ts";
import type { ClusterSpec } from "../../spec/schema.ts";
import { buildGenesis, type Genesis } from "./genesis.ts";

/** "Byzantine fault tolerance", by which Besu knows a QBFT header. */
const QBFT_MIX_HASH: Hex = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";
/** Blocks after which pending votes on validators lapse; Besu's default. */
const EPOCH_BLOCKS = 30_000;
/** A proposal has two periods before the next proposer takes its turn: one is too short under load. */
const PERIODS_PER_ROUND = 2;
const VANITY_BYTES = 32;

/**
 * Genesis of a Besu QBFT cluster: free gas, and the first validators in `extraData`, in ascending order as blocks must have them.
 *
 * @throws INVALID_HEX where a validator isn't an address.
 */
export function besuGenesis(spec: ClusterSpec, validators: readonly Hex[]): Genesis {
  const period = spec.chain.blockPeriodSeconds;
  const sorted = validators
    .map((validator) => hexToBytes(validator, { bytes: 20, field: "validator" }))
    .sort(compareBytes)
    .map(bytesToHex);
  const extraData = bytesToHex(
    encodeExtraData({
      vanity: new Uint8Array(VANITY_BYTES),
      validators: sorted,
      vote: null,
      round: 0,
      seals: [],
    }),
  );
  // No terminalTotalDifficulty: Besu would wait for a consensus client.
  const qbft = {
    epochlength: EPOCH_BLOCKS,
    blockperiodseconds: period,
    requesttimeoutseconds: period * PERIODS_PER_ROUND,
  };
  return buildGenesis(
    spec,
    { zeroBaseFee: true, qbft },
    { extraData, difficulty: "0x1", mixHash: QBFT_MIX_HASH },
  );
}
