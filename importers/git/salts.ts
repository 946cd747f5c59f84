import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { bytesToHex, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { commitJson } from "../../protocol/commitment.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { Commit } from "./readHistory.ts";

const lineSchema = z.strictObject({
  commit: z.string().regex(/^[0-9a-f]{40,64}$/),
  salt: z.string().regex(/^0x[0-9a-f]{64}$/),
  metadataHash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .transform((text) => text as Hex),
});

/**
 * The salts of an import, one for each commit, in a file that only its owner can read. With its salt, what a commit says of people
 * can be opened: `metadataHash` = SHA-256(salt || JCS(commitMetadata(commit))). Without it, because the line was deleted, nobody
 * can.
 */
export type SaltStore = {
  /** Commitment made for the commit in this or an earlier import; undefined where there is none. */
  readonly find: (commitId: string) => Hex | undefined;
  /** True where one of our commits has this commitment. */
  readonly knows: (metadataHash: Hex) => boolean;
  /** Commits to the commit's metadata under a new salt. It MUST be flushed before the commitment is published. */
  readonly add: (commit: Commit) => Hex;
  /** Returns once all that was added is on disk. */
  readonly flush: () => void;
};

/** What a record's `metadataHash` commits to. */
function commitMetadata(commit: Commit) {
  const { id, author, committer, message } = commit;
  return { author, commit: id, committer, message };
}

/** Opens the file, or begins one. A last line that a crash cut off is dropped. @throws IMPORT_SIDECAR_INVALID */
export function openSaltStore(file: string): SaltStore {
  const byCommit = readSalts(file);
  const hashes = new Set(byCommit.values());
  let unwritten = "";
  return {
    find: (commitId) => byCommit.get(commitId),
    knows: (metadataHash) => hashes.has(metadataHash),
    add(commit) {
      const salt = randomBytes(32);
      const metadataHash = bytesToHex(commitJson(salt, commitMetadata(commit)));
      byCommit.set(commit.id, metadataHash);
      hashes.add(metadataHash);
      unwritten += `${JSON.stringify({ commit: commit.id, salt: bytesToHex(salt), metadataHash })}\n`;
      return metadataHash;
    },
    flush() {
      if (unwritten === "") return;
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const descriptor = openSync(file, "a", 0o600);
      try {
        writeFileSync(descriptor, unwritten);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      unwritten = "";
    },
  };
}

/** True where the salt opens the commitment: the metadata is what was committed to. */
export function opensCommitment(salt: Hex, commit: Commit, metadataHash: Hex): boolean {
  return (
    bytesToHex(commitJson(hexToBytes(salt, { bytes: 32, field: "salt" }), commitMetadata(commit))) ===
    metadataHash
  );
}

function readSalts(file: string): Map<string, Hex> {
  const byCommit = new Map<string, Hex>();
  if (!existsSync(file)) return byCommit;
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  for (const [index, line] of whole.split("\n").entries()) {
    if (line === "") continue;
    try {
      const { commit, metadataHash } = lineSchema.parse(JSON.parse(line));
      byCommit.set(commit, metadataHash);
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw new StemmaError("IMPORT_SIDECAR_INVALID", { file, line: index + 1, reason }, { cause: error });
    }
  }
  return byCommit;
}
