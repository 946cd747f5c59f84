import { type Hex, hexToBytes } from "./bytes.ts";
import { uintWord } from "./eip712.ts";
import { integerBytes, type RlpItem } from "./rlp.ts";

/** A quantity as viem gives it, or as the RPC does. */
type Quantity = bigint | Hex;

/**
 * A block header by its RPC names: a block of viem's `getBlock` fits, and so does the raw answer of `eth_getBlockByNumber`. Fields
 * that the block's fork doesn't know are absent.
 */
export type BlockHeaderFields = {
  readonly parentHash: Hex;
  readonly sha3Uncles: Hex;
  readonly miner: Hex;
  readonly stateRoot: Hex;
  readonly transactionsRoot: Hex;
  readonly receiptsRoot: Hex;
  readonly logsBloom: Hex;
  readonly difficulty: Quantity;
  readonly number: Quantity;
  readonly gasLimit: Quantity;
  readonly gasUsed: Quantity;
  readonly timestamp: Quantity;
  readonly extraData: Hex;
  readonly mixHash: Hex;
  readonly nonce: Hex;
  /** London (EIP-1559). */
  readonly baseFeePerGas?: Quantity | null | undefined;
  /** Shanghai (EIP-4895). */
  readonly withdrawalsRoot?: Hex | null | undefined;
  /** Cancun (EIP-4844). */
  readonly blobGasUsed?: Quantity | null | undefined;
  readonly excessBlobGas?: Quantity | null | undefined;
  /** Cancun (EIP-4788). */
  readonly parentBeaconBlockRoot?: Hex | null | undefined;
  /** Prague (EIP-7685). */
  readonly requestsHash?: Hex | null | undefined;
};

/**
 * A header's fields in the order of its RLP. A fork's fields stand behind those of the forks before it, so the first absent one ends
 * the list.
 *
 * @throws INVALID_HEX, INVALID_NUMBER naming the field at fault.
 */
export function headerItems(header: BlockHeaderFields, extraData: Uint8Array): RlpItem[] {
  const items: RlpItem[] = [
    hash(header.parentHash, "parentHash"),
    hash(header.sha3Uncles, "sha3Uncles"),
    hexToBytes(header.miner, { bytes: 20, field: "miner" }),
    hash(header.stateRoot, "stateRoot"),
    hash(header.transactionsRoot, "transactionsRoot"),
    hash(header.receiptsRoot, "receiptsRoot"),
    hexToBytes(header.logsBloom, { bytes: 256, field: "logsBloom" }),
    integer(header.difficulty, "difficulty"),
    integer(header.number, "number"),
    integer(header.gasLimit, "gasLimit"),
    integer(header.gasUsed, "gasUsed"),
    integer(header.timestamp, "timestamp"),
    extraData,
    hash(header.mixHash, "mixHash"),
    hexToBytes(header.nonce, { bytes: 8, field: "nonce" }),
  ];
  const later: (RlpItem | undefined)[] = [
    optional(header.baseFeePerGas, integer, "baseFeePerGas"),
    optional(header.withdrawalsRoot, hash, "withdrawalsRoot"),
    optional(header.blobGasUsed, integer, "blobGasUsed"),
    optional(header.excessBlobGas, integer, "excessBlobGas"),
    optional(header.parentBeaconBlockRoot, hash, "parentBeaconBlockRoot"),
    optional(header.requestsHash, hash, "requestsHash"),
  ];
  for (const item of later) {
    if (item === undefined) break;
    items.push(item);
  }
  return items;
}

function optional<Value>(
  value: Value | null | undefined,
  encode: (value: Value, field: string) => Uint8Array,
  field: string,
): Uint8Array | undefined {
  return value === null || value === undefined ? undefined : encode(value, field);
}

function hash(value: Hex, field: string): Uint8Array {
  return hexToBytes(value, { bytes: 32, field });
}

function integer(value: Quantity, field: string): Uint8Array {
  const number = typeof value === "bigint" ? value : quantity(value, field);
  uintWord(number, "uint256", field);
  return integerBytes(number);
}

/** An RPC quantity: hex digits of any number, unlike data. */
function quantity(value: Hex, field: string): bigint {
  const digits = value.slice(2);
  const padded: Hex = `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
  return hexToBytes(padded, { field }).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
