import type { Hex } from "../../protocol/bytes.ts";
import type { RecordProof } from "../../protocol/proof.ts";

/** Changes one byte of the data hash in a proof: the smallest lie about what the data was. */
export function tamperRecord(proof: RecordProof): RecordProof {
  return { ...proof, record: { ...proof.record, dataHash: flipLastByte(proof.record.dataHash) } };
}

/** Changes the last byte, so that the value stays well-formed. */
function flipLastByte(hex: Hex): Hex {
  const last = Number.parseInt(hex.slice(-2), 16) ^ 0x01;
  return `0x${hex.slice(2, -2)}${last.toString(16).padStart(2, "0")}`;
}
