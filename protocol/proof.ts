import { z } from "zod";
import { bytesToHex, equalBytes, type Hex, hexToBytes } from "./bytes.ts";
import {
  type Checkpoint,
  logId,
  type ParsedCheckpoint,
  parseCheckpoint,
  verifyCheckpoint,
} from "./checkpoint.ts";
import { isStemmaError, StemmaError } from "./errors.ts";
import { encodeLeaf } from "./leaf.ts";
import { parentsHash } from "./parents.ts";
import { type ProvenanceRecord, type RecordDomain, recordHash, validateRecord } from "./record.ts";
import { leafHash } from "./tree/hash.ts";
import { verifyInclusion } from "./tree/inclusion.ts";

export const PROOF_FORMAT = "stemma-proof/1";

/** A proof holds some kilobytes; what is much larger isn't one. */
const MAX_PROOF_CHARACTERS = 1_000_000;
const MAX_PATH_HASHES = 64;

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `must be ${bytes} bytes of hex with 0x in front`)
    .transform((text) => text.toLowerCase() as Hex);
const decimal = z.string().regex(/^(0|[1-9]\d{0,19})$/, "must be a decimal number in quotes");

const proofSchema = z.strictObject({
  format: z.literal(PROOF_FORMAT),
  domain: z.strictObject({ chainId: decimal, registry: hex(20) }),
  record: z.strictObject({
    dataId: hex(32),
    dataHash: hex(32),
    previousHash: hex(32),
    parentsHash: hex(32),
    operation: hex(32),
    metadataHash: hex(32),
    dataOwner: hex(20),
    timestamp: decimal,
  }),
  parents: z.array(hex(32)).max(65_536),
  recordHash: hex(32),
  /** Who made the record, as the indexer says; the record's hash doesn't cover it. The event on chain does. */
  agent: hex(20),
  leaf: z.strictObject({ kind: z.literal("record"), hash: hex(32) }),
  inclusion: z.strictObject({ index: decimal, size: decimal, path: z.array(hex(32)).max(MAX_PATH_HASHES) }),
  /** The signed note, verbatim. */
  checkpoint: z.string().min(1),
  /** Verifier key of the log: a hint to whom to ask for it, never trusted. */
  logKey: z.string(),
  anchor: z.nullable(
    z.strictObject({
      contract: hex(20),
      logId: hex(32),
      size: decimal,
      root: hex(32),
      epoch: decimal,
      transactionHash: hex(32),
      blockNumber: decimal,
      blockHash: hex(32),
    }),
  ),
});

/** A proof file: everything needed to check one record without asking the indexer. Integers are decimal strings. */
export type RecordProof = z.infer<typeof proofSchema>;

/** What the one who checks already trusts; at least one of key, checkpoint and root. All that are given must hold. */
export type ProofTrust = {
  /** Verifier keys of logs. */
  readonly vkeys?: readonly string[] | undefined;
  /** A checkpoint known from elsewhere; its signatures aren't looked at. */
  readonly checkpoint?: string | undefined;
  readonly root?: Hex | undefined;
  /** Size that belongs to `root`. */
  readonly size?: bigint | undefined;
  /** Chain and registry that the record must be bound to. */
  readonly domain?: RecordDomain | undefined;
};

export type ProofStep = {
  readonly name: "record" | "leaf" | "inclusion" | "checkpoint" | "anchor";
  readonly ok: boolean;
  /** One line for people. */
  readonly detail: string;
};
export type ProofVerdict = { readonly ok: boolean; readonly steps: readonly ProofStep[] };

/**
 * Reads a proof file's text, or the value parsed from it.
 *
 * @throws PROOF_MALFORMED naming the field at fault.
 */
export function parseProof(input: unknown): RecordProof {
  const result = proofSchema.safeParse(typeof input === "string" ? parseJson(input) : input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw malformed(issue?.path.join(".") || "file", issue?.message ?? "unreadable");
}

/**
 * Checks record -> leaf -> inclusion -> checkpoint, offline. Every step is checked and told, even after one has failed.
 *
 * @throws PROOF_TRUST_MISSING where nothing is given to check against; NOTE_KEY_INVALID, NOTE_MALFORMED and CHECKPOINT_MALFORMED for what
 * is wrong with the trust itself, never with the proof.
 */
export function verifyProof(proof: RecordProof, trust: ProofTrust): ProofVerdict {
  const trusted = readTrust(trust);
  const steps = [
    step("record", () => checkRecord(proof, trust.domain)),
    step("leaf", () => checkLeaf(proof)),
    step("inclusion", () => checkInclusion(proof)),
    step("checkpoint", () => checkCheckpoint(proof, trust, trusted)),
  ];
  return { ok: steps.every(({ ok }) => ok), steps };
}

/**
 * Whether the anchor that the proof names is of the proof's own checkpoint. Whether it is on chain, only the chain can say.
 * An absent anchor is no failure.
 */
export function checkAnchorClaim(proof: RecordProof): ProofStep {
  return step("anchor", () => {
    const { anchor } = proof;
    if (!anchor) return "no anchor yet";
    const checkpoint = parseCheckpoint(proof.checkpoint);
    expectSame("log", anchor.logId, logId(checkpoint.origin));
    expectSame("size", anchor.size, checkpoint.size.toString());
    expectSame("root", anchor.root, bytesToHex(checkpoint.root));
    return `claimed in block ${anchor.blockNumber}, transaction ${anchor.transactionHash}`;
  });
}

/** The record of a proof with its integers as integers. */
export function recordOf(proof: RecordProof): ProvenanceRecord {
  return { ...proof.record, timestamp: BigInt(proof.record.timestamp) };
}

/** The domain of a proof with its integers as integers. */
export function domainOf(proof: RecordProof): RecordDomain {
  return { chainId: BigInt(proof.domain.chainId), registry: proof.domain.registry };
}

type Expected = { readonly origin?: string; readonly size: bigint; readonly root: Uint8Array };

/** Reads what is trusted. Faults here are the caller's, so they are thrown. */
function readTrust({ vkeys, checkpoint, root, size }: ProofTrust): Expected[] {
  const expected: Expected[] = [];
  if (checkpoint !== undefined) expected.push(parseCheckpoint(checkpoint));
  if (root !== undefined && size !== undefined) {
    expected.push({ root: hexToBytes(root, { bytes: 32, field: "root" }), size });
  }
  const hasHalf = (root === undefined) !== (size === undefined);
  if (hasHalf || (expected.length === 0 && !vkeys?.length)) throw new StemmaError("PROOF_TRUST_MISSING", {});
  return expected;
}

function checkRecord(proof: RecordProof, domain: RecordDomain | undefined): string {
  const record = recordOf(proof);
  validateRecord(record);
  expectSame("parentsHash", parentsHash(proof.parents), record.parentsHash);
  expectSame("recordHash", recordHash(domainOf(proof), record), proof.recordHash);
  if (domain) {
    expectSame("chain", proof.domain.chainId, domain.chainId.toString());
    expectSame("registry", proof.domain.registry, domain.registry.toLowerCase());
  }
  return `hash ${proof.recordHash} covers the fields, chain ${proof.domain.chainId} and registry ${proof.domain.registry}`;
}

function checkLeaf(proof: RecordProof): string {
  expectSame("leaf", proof.leaf.hash, proof.recordHash);
  return `log entry of kind ${proof.leaf.kind} with that hash`;
}

function checkInclusion({ leaf, inclusion, checkpoint }: RecordProof): string {
  const { size, root } = parseCheckpoint(checkpoint);
  expectSame("size", inclusion.size, size.toString());
  const isIncluded = verifyInclusion({
    leafHash: leafHash(encodeLeaf(leaf.kind, hexToBytes(leaf.hash, { bytes: 32, field: "leaf" }))),
    index: BigInt(inclusion.index),
    size,
    path: inclusion.path.map((hash) => hexToBytes(hash, { bytes: 32, field: "path" })),
    root,
  });
  if (!isIncluded)
    throw new StemmaError("PROOF_STEP_FAILED", { reason: "the path doesn't lead from the leaf to the root" });
  return `entry ${inclusion.index} of ${size}, under root ${bytesToHex(root)}`;
}

function checkCheckpoint(proof: RecordProof, { vkeys }: ProofTrust, trusted: readonly Expected[]): string {
  const hasKeys = vkeys !== undefined && vkeys.length > 0;
  const checkpoint: ParsedCheckpoint = hasKeys
    ? verifyCheckpoint(proof.checkpoint, vkeys)
    : parseCheckpoint(proof.checkpoint);
  for (const expected of trusted) expectCheckpoint(checkpoint, expected);
  const why = [
    hasKeys ? "signed by a trusted key" : "",
    trusted.length > 0 ? "equal to what is trusted" : "",
  ];
  return `${checkpoint.origin}, size ${checkpoint.size}: ${why.filter(Boolean).join(", ")}`;
}

function expectCheckpoint(given: Checkpoint, { origin, size, root }: Expected): void {
  if (origin !== undefined) expectSame("origin", given.origin, origin);
  expectSame("size", given.size.toString(), size.toString());
  if (!equalBytes(given.root, root)) expectSame("root", bytesToHex(given.root), bytesToHex(root));
}

function expectSame(what: string, given: string, expected: string): void {
  if (given === expected) return;
  throw new StemmaError("PROOF_STEP_FAILED", { reason: `${what} is ${given}, expected ${expected}` });
}

/** A fault in the proof is an answer; anything that isn't ours is a defect and goes on up. */
function step(name: ProofStep["name"], check: () => string): ProofStep {
  try {
    return { name, ok: true, detail: check() };
  } catch (error) {
    if (!isStemmaError(error) || error.name === "NOTE_KEY_INVALID") throw error;
    return { name, ok: false, detail: error.message };
  }
}

function parseJson(text: string): unknown {
  if (text.length > MAX_PROOF_CHARACTERS) throw malformed("file", "it is too long");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed("file", "it isn't JSON", cause);
  }
}

function malformed(field: string, reason: string, cause?: unknown): StemmaError {
  return new StemmaError("PROOF_MALFORMED", { field, reason }, { cause });
}
