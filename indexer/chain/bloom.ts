import { hexToBytes } from "../../protocol/bytes.ts";
import { keccak256 } from "../../protocol/hash.ts";

/** Says of a header's bloom whether our logs may be in the block. False is certain; true may be chance. */
export type BloomFilter = {
  /** True where the address and at least one of the topics may be in. */
  readonly mayHoldOurs: (logsBloom: string) => boolean;
  /** True where the address may be in. */
  readonly mayHoldAddress: (logsBloom: string) => boolean;
};

/** Position of a hex digit in the bloom's text, and the bit in it. */
type Bit = readonly [position: number, mask: number];

/**
 * Bloom filter of Ethereum headers (yellow paper, section 4.3.1: three 11-bit indices from the keccak-256 of each item).
 *
 * @throws INVALID_HEX
 */
export function createBloomFilter(address: string, topics: readonly string[]): BloomFilter {
  const addressBits = bitsOf(address);
  const topicBits = topics.map(bitsOf);
  const mayHoldAddress = (logsBloom: string) => holds(logsBloom, addressBits);
  return {
    mayHoldAddress,
    mayHoldOurs: (logsBloom) => mayHoldAddress(logsBloom) && topicBits.some((bits) => holds(logsBloom, bits)),
  };
}

function bitsOf(item: string): readonly Bit[] {
  const hash = keccak256(hexToBytes(item));
  return [0, 2, 4].map((offset) => {
    const index = (((hash[offset] ?? 0) << 8) | (hash[offset + 1] ?? 0)) & 0x7ff;
    // Bit 0 is the lowest bit of the last digit.
    return [2 + 511 - (index >> 2), 1 << (index & 3)] as const;
  });
}

function holds(logsBloom: string, bits: readonly Bit[]): boolean {
  return bits.every(([position, mask]) => (Number.parseInt(logsBloom.charAt(position), 16) & mask) !== 0);
}
