import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, concatBytes, type Hex, hexToBytes } from "./bytes.ts";
import { StemmaError } from "./errors.ts";
import { keccak256 } from "./hash.ts";
import { type BlockHeaderFields, headerItems } from "./header.ts";
import { decodeRlp, encodeRlp, integerBytes, type RlpItem } from "./rlp.ts";

const VANITY_BYTES = 32;
const ADDRESS_BYTES = 20;
const SEAL_BYTES = 65;
const ADD_VOTE = 0xff;
/** A round is a 32-bit integer in Besu. */
const MAX_ROUND_BYTES = 4;

/** What QBFT keeps in a header's `extraData`. */
export type QbftExtraData = {
  readonly vanity: Uint8Array;
  /** In the order of the block; empty in validator-contract mode. */
  readonly validators: readonly Hex[];
  readonly vote: { readonly recipient: Hex; readonly add: boolean } | null;
  /** How many times the round changed before this block was agreed on. */
  readonly round: number;
  /** Signatures r || s || v, v being 0 or 1. */
  readonly seals: readonly Uint8Array[];
};

/** Who sealed a block. `ok` where at least `quorum` distinct validators did, and nobody else. */
export type SealVerdict = { readonly ok: boolean; readonly signers: readonly Hex[]; readonly quorum: number };

/** Validators that must agree: ceil(2n / 3). */
export function qbftQuorum(validators: number): number {
  return Math.ceil((2 * validators) / 3);
}

/** RLP of extra data. @throws INVALID_HEX, EXTRA_DATA_MALFORMED */
export function encodeExtraData(extra: QbftExtraData): Uint8Array {
  const address = (value: Hex) => hexToBytes(value, { bytes: ADDRESS_BYTES, field: "validator" });
  const { vote } = extra;
  const encoded = encodeRlp([
    extra.vanity,
    extra.validators.map(address),
    vote ? [address(vote.recipient), vote.add ? Uint8Array.of(ADD_VOTE) : new Uint8Array(0)] : [],
    integerBytes(BigInt(extra.round)),
    extra.seals,
  ]);
  decodeExtraData(encoded);
  return encoded;
}

/** Reads extra data, strictly. @throws RLP_MALFORMED, EXTRA_DATA_MALFORMED */
export function decodeExtraData(bytes: Uint8Array): QbftExtraData {
  const [vanity, validators, vote, round, seals] = extraItems(bytes);
  if (round.length > MAX_ROUND_BYTES || round[0] === 0) throw malformed("the round isn't a small integer");
  return {
    vanity: sized(vanity, VANITY_BYTES, "vanity"),
    validators: validators.map((item) => bytesToHex(sized(item, ADDRESS_BYTES, "a validator"))),
    vote: readVote(vote),
    round: round.reduce((sum, byte) => sum * 256 + byte, 0),
    seals: seals.map((item) => sized(item, SEAL_BYTES, "a seal")),
  };
}

/** The digest that each commit seal signs: the header with its real round and no seals. @throws as {@link decodeExtraData} */
export function committedSealDigest(header: BlockHeaderFields): Uint8Array {
  const [vanity, validators, vote, round] = extraItems(extraBytes(header));
  return hashWith(header, [vanity, validators, vote, round, []]);
}

/**
 * The block's hash: the header with round 0 and no seals. (Genesis is hashed as it stands, so this isn't for block 0.)
 *
 * @throws INVALID_HEX, INVALID_NUMBER, RLP_MALFORMED, EXTRA_DATA_MALFORMED
 */
export function qbftBlockHash(header: BlockHeaderFields): Hex {
  const [vanity, validators, vote] = extraItems(extraBytes(header));
  return bytesToHex(hashWith(header, [vanity, validators, vote, new Uint8Array(0), []]));
}

/**
 * Recovers who sealed a block and counts them against its validators. A block so sealed is final. `signers` holds the addresses in
 * the order of the seals; one that can't be recovered is left out and fails the verdict, as does a stranger's or a second one.
 *
 * @throws INVALID_HEX, INVALID_NUMBER, RLP_MALFORMED, EXTRA_DATA_MALFORMED where the header isn't QBFT's.
 */
export function verifyCommittedSeals(header: BlockHeaderFields, validators: readonly Hex[]): SealVerdict {
  const { seals } = decodeExtraData(extraBytes(header));
  const digest = committedSealDigest(header);
  const signers = seals.flatMap((seal) => recoverSigner(digest, seal) ?? []);
  const allowed = new Set(validators.map((validator) => validator.toLowerCase()));
  const distinct = new Set(signers);
  const quorum = qbftQuorum(allowed.size);
  const ok =
    allowed.size > 0 &&
    distinct.size === seals.length &&
    signers.every((signer) => allowed.has(signer)) &&
    distinct.size >= quorum;
  return { ok, signers, quorum };
}

/** Address that belongs to a public key of 65 bytes. */
export function addressOfPublicKey(publicKey: Uint8Array): Hex {
  return bytesToHex(keccak256(publicKey.subarray(1)).subarray(-ADDRESS_BYTES));
}

function recoverSigner(digest: Uint8Array, seal: Uint8Array): Hex | null {
  const recovery = seal[SEAL_BYTES - 1] ?? 0;
  if (recovery > 1) return null;
  // The library wants the recovery bit in front.
  const signature = concatBytes(Uint8Array.of(recovery), seal.subarray(0, SEAL_BYTES - 1));
  try {
    const point = secp256k1.recoverPublicKey(signature, digest, { prehash: false });
    return addressOfPublicKey(secp256k1.Point.fromBytes(point).toBytes(false));
  } catch {
    // r or s out of range, or no point at r: a seal that nobody made.
    return null;
  }
}

type ExtraItems = [Uint8Array, readonly RlpItem[], readonly RlpItem[], Uint8Array, readonly RlpItem[]];

function extraItems(bytes: Uint8Array): ExtraItems {
  const items = decodeRlp(bytes);
  if (items instanceof Uint8Array || items.length !== 5) throw malformed("it isn't a list of five items");
  const [vanity, validators, vote, round, seals] = items;
  if (
    !(vanity instanceof Uint8Array) ||
    !(round instanceof Uint8Array) ||
    !isList(validators) ||
    !isList(vote) ||
    !isList(seals)
  ) {
    throw malformed("a list stands where bytes should, or the other way round");
  }
  return [vanity, validators, vote, round, seals];
}

function readVote(items: readonly RlpItem[]): QbftExtraData["vote"] {
  const [recipient, kind] = items;
  if (recipient === undefined) return null;
  const isVote = items.length === 2 && kind instanceof Uint8Array && kind.length <= 1;
  if (!isVote || (kind.length === 1 && kind[0] !== ADD_VOTE)) throw malformed("the vote can't be read");
  return { recipient: bytesToHex(sized(recipient, ADDRESS_BYTES, "the vote")), add: kind.length === 1 };
}

function hashWith(header: BlockHeaderFields, extra: ExtraItems): Uint8Array {
  return keccak256(encodeRlp(headerItems(header, encodeRlp(extra))));
}

function extraBytes(header: BlockHeaderFields): Uint8Array {
  return hexToBytes(header.extraData, { field: "extraData" });
}

function isList(item: RlpItem | undefined): item is readonly RlpItem[] {
  return Array.isArray(item);
}

function sized(item: RlpItem, bytes: number, what: string): Uint8Array {
  if (item instanceof Uint8Array && item.length === bytes) return item;
  throw malformed(`${what} isn't ${bytes} bytes`);
}

function malformed(reason: string): StemmaError {
  return new StemmaError("EXTRA_DATA_MALFORMED", { reason });
}
