import { utf8, ZERO_HASH } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { Submission } from "./toSubmission.ts";

export type BatchLimits = {
  /** Submissions in one transaction. */
  readonly maxItems: number;
  readonly maxGas: bigint;
  /** Bytes of calldata in one transaction. */
  readonly maxBytes: number;
};

/** Submissions of one transaction, with an upper bound of the gas that they use. */
export type BatchPart = {
  readonly firstIndex: number;
  readonly submissions: readonly Submission[];
  readonly gas: bigint;
};

/**
 * Limits that hold everywhere: the contract's own batch limit; EIP-7825's cap of 2^24 gas for a transaction, less a margin;
 * geth's pool takes at most 128 KiB for a transaction.
 */
export const DEFAULT_BATCH_LIMITS: BatchLimits = { maxItems: 256, maxGas: 16_000_000n, maxBytes: 120_000 };

/**
 * Upper bounds in gas: measured with every slot cold and an agent who is a writer of the namespace only, the dearest way, and a
 * tenth on top. A test holds them against what the chain uses.
 */
const GAS = {
  transaction: 40_000n,
  record: 60_000n,
  datasetStart: 80_000n,
  parent: 4_600n,
  supersede: 9_000n,
  signature: 9_000n,
  contractSignature: 150_000n,
  /** Calldata (16), the event's data (8), hashing and memory; for names and signatures. */
  byte: 30n,
} as const;

/** ABI bytes of a submission apart from its parents, signature and name: fixed fields, offsets and lengths. */
const FIXED_BYTES = 19 * 32;
const ECDSA_SIGNATURE_BYTES = 65;

/**
 * Cuts submissions into transactions, in order, each within all limits.
 *
 * @throws BATCH_ITEM_TOO_LARGE where one submission alone passes a limit.
 */
export function splitBatch(submissions: readonly Submission[], limits: BatchLimits): readonly BatchPart[] {
  const parts: { firstIndex: number; submissions: Submission[]; gas: bigint; bytes: number }[] = [];
  submissions.forEach((submission, index) => {
    const gas = submissionGas(submission);
    const bytes = submissionBytes(submission);
    if (GAS.transaction + gas > limits.maxGas || bytes > limits.maxBytes) {
      throw new StemmaError("BATCH_ITEM_TOO_LARGE", { index, gas, limit: limits.maxGas });
    }
    const last = parts.at(-1);
    const fits =
      last !== undefined &&
      last.submissions.length < limits.maxItems &&
      last.gas + gas <= limits.maxGas &&
      last.bytes + bytes <= limits.maxBytes;
    if (fits) {
      last.submissions.push(submission);
      last.gas += gas;
      last.bytes += bytes;
    } else {
      parts.push({ firstIndex: index, submissions: [submission], gas: GAS.transaction + gas, bytes });
    }
  });
  return parts;
}

/** Upper bound of the gas that one submission adds to a batch. */
export function submissionGas(submission: Submission): bigint {
  const signatureBytes = (submission.signature.length - 2) / 2;
  const parents = BigInt(submission.parents.length);
  const signature =
    signatureBytes === 0
      ? 0n
      : signatureBytes === ECDSA_SIGNATURE_BYTES
        ? GAS.signature
        : GAS.contractSignature;
  return (
    GAS.record +
    (submission.nameHash === ZERO_HASH ? 0n : GAS.datasetStart) +
    parents * GAS.parent +
    (supersedes(submission) ? (parents > 0n ? parents : 1n) * GAS.supersede : 0n) +
    signature +
    GAS.byte * BigInt(signatureBytes + nameBytes(submission))
  );
}

/** Any operation starting with C, R or E may be CORRECT, REVOKE or ERASE; a bound needs no more. */
function supersedes(submission: Submission): boolean {
  return ["43", "52", "45"].includes(submission.record.operation.slice(2, 4));
}

function submissionBytes(submission: Submission): number {
  const padded = (bytes: number) => Math.ceil(bytes / 32) * 32;
  return (
    FIXED_BYTES +
    submission.parents.length * 32 +
    padded((submission.signature.length - 2) / 2) +
    padded(nameBytes(submission))
  );
}

function nameBytes(submission: Submission): number {
  return utf8(submission.name).length;
}
