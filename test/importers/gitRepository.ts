import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Ada Example",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada Example",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};

export type TestRepository = {
  readonly path: string;
  /** Runs git; time is the commit's, in seconds since 1970. */
  git(args: readonly string[], time?: number): string;
  /** Feeds `git fast-import`, which writes any history and any file name. */
  fastImport(stream: Buffer | string): void;
  [Symbol.dispose](): void;
};

/** An empty repository in a folder of its own. */
export function createRepository(): TestRepository {
  const folder = mkdtempSync(join(tmpdir(), "stemma-git-"));
  const path = join(folder, "data");
  const git = (args: readonly string[], time = 1_700_000_000) =>
    execFileSync("git", ["-C", path, ...args], {
      encoding: "utf8",
      env: { ...environment, GIT_AUTHOR_DATE: `${time} +0000`, GIT_COMMITTER_DATE: `${time} +0000` },
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", path], { env: environment });
  return {
    path,
    git,
    fastImport(stream) {
      const { status, stderr } = spawnSync("git", ["-C", path, "fast-import", "--quiet", "--force"], {
        input: stream,
        env: environment,
      });
      if (status !== 0) throw new Error(`git fast-import: ${stderr}`);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type CommitSpec = {
  readonly mark: number;
  readonly from?: number;
  readonly merges?: readonly number[];
  readonly time?: number;
  readonly message?: string;
  readonly author?: string;
  /** Lines of fast-import: see {@link file}, {@link remove}, {@link rename}. */
  readonly changes: readonly Buffer[];
};

/** A commit on main, as fast-import reads it. */
export function commit(spec: CommitSpec): Buffer {
  const { mark, from, merges = [], time = 1_700_000_000 + mark, message = `commit ${mark}` } = spec;
  const author = spec.author ?? "Ada Example <ada@example.org>";
  const head = [
    "commit refs/heads/main",
    `mark :${mark}`,
    `author ${author} ${time} +0000`,
    `committer ${author} ${time} +0000`,
    `data ${Buffer.byteLength(message)}`,
    message,
    ...(from === undefined ? [] : [`from :${from}`]),
    ...merges.map((merge) => `merge :${merge}`),
  ].join("\n");
  return Buffer.concat([Buffer.from(`${head}\n`), ...spec.changes, Buffer.from("\n")]);
}

export function file(path: string | Buffer, content: string | Buffer, mode = "100644"): Buffer {
  const data = Buffer.from(content);
  return Buffer.concat([
    Buffer.from(`M ${mode} inline `),
    quote(path),
    Buffer.from(`\ndata ${data.length}\n`),
    data,
    Buffer.from("\n"),
  ]);
}

export function submodule(path: string, commitId: string): Buffer {
  return Buffer.concat([Buffer.from(`M 160000 ${commitId} `), quote(path), Buffer.from("\n")]);
}

export function remove(path: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from("D "), quote(path), Buffer.from("\n")]);
}

export function rename(from: string, to: string): Buffer {
  return Buffer.concat([Buffer.from("R "), quote(from), Buffer.from(" "), quote(to), Buffer.from("\n")]);
}

/** A path in C quotes, with every byte that isn't plain in octal. */
function quote(path: string | Buffer): Buffer {
  const parts = [...Buffer.from(path)].map((byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return Buffer.from(`"${parts.join("")}"`);
}
