import { createHash, type Hash } from "node:crypto";
import { bytesToHex, type Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { collectErrors, finishGit, startGit } from "./git.ts";

/** Hashes the contents of blobs with one long-running `git cat-file`. */
export type BlobHasher = {
  /**
   * SHA-256 of each object's content, by object id. Contents pass by in pieces, so the size of a file doesn't matter.
   *
   * @throws GIT_OBJECT_MISSING, GIT_FAILED
   */
  readonly hash: (objects: readonly string[]) => Promise<ReadonlyMap<string, Hex>>;
  /** Ends git. */
  readonly close: () => Promise<void>;
};

const newline = 0x0a;

/** Starts the hasher; close it when done. */
export function createBlobHasher(path: string): BlobHasher {
  const args = ["cat-file", "--batch"];
  const child = startGit(path, args);
  const errorText = collectErrors(child);
  const source = createByteSource(child.stdout);

  async function readOne(object: string): Promise<Hex> {
    const header = await source.line();
    const [, size] = /^[0-9a-f]+ \w+ (\d+)$/.exec(header ?? "") ?? [];
    if (header?.endsWith(" missing")) throw new StemmaError("GIT_OBJECT_MISSING", { object });
    if (size === undefined) {
      throw new StemmaError("GIT_FAILED", { command: "cat-file", reason: errorText() || `"${header}"` });
    }
    const hash = createHash("sha256");
    await source.into(hash, Number(size));
    return bytesToHex(hash.digest());
  }

  return {
    async hash(objects) {
      const hashes = new Map<string, Hex>();
      const unique = [...new Set(objects)];
      if (unique.length > 0) child.stdin.write(`${unique.join("\n")}\n`);
      for (const object of unique) hashes.set(object, await readOne(object));
      return hashes;
    },
    async close() {
      child.stdin.end();
      child.stdout.destroy();
      child.kill();
      await finishGit(child, args, errorText).catch(() => {});
    },
  };
}

type ByteSource = {
  /** The bytes up to the next line break, as text; undefined at the end. */
  readonly line: () => Promise<string | undefined>;
  /** Feeds `size` bytes to the hash, and drops the line break that follows them. */
  readonly into: (hash: Hash, size: number) => Promise<void>;
};

function createByteSource(stream: AsyncIterable<Buffer>): ByteSource {
  const chunks = stream[Symbol.asyncIterator]();
  let current: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const { value, done } = await chunks.next();
    if (done) return false;
    current = value;
    return true;
  }

  return {
    async line() {
      let text = "";
      for (;;) {
        const end = current.indexOf(newline);
        if (end !== -1) {
          text += current.toString("latin1", 0, end);
          current = current.subarray(end + 1);
          return text;
        }
        text += current.toString("latin1");
        if (!(await more())) return undefined;
      }
    },
    async into(hash, size) {
      let left = size;
      while (left > 0) {
        if (current.length === 0 && !(await more())) {
          throw new StemmaError("GIT_OUTPUT_UNEXPECTED", { what: "an object that is cut off" });
        }
        const piece = current.subarray(0, left);
        hash.update(piece);
        left -= piece.length;
        current = current.subarray(piece.length);
      }
      if (current.length === 0) await more();
      current = current.subarray(1);
    },
  };
}
