import { StemmaError } from "../../protocol/errors.ts";
import { collectErrors, finishGit, startGit } from "./git.ts";
import { pathName } from "./pathName.ts";

/** One line of `git diff --raw`: what a commit did to one file, compared with its first parent. */
export type FileChange = {
  readonly kind: "ADD" | "MODIFY" | "DELETE" | "RENAME" | "COPY";
  readonly mode: string;
  /** Blob after the change, or the commit of a submodule; the one before it where the file is deleted. */
  readonly object: string;
  readonly name: string;
  /** Name before a rename, or of the file that was copied. */
  readonly oldName: string | null;
};

export type Person = { readonly name: string; readonly email: string; readonly date: string };

export type Commit = {
  readonly id: string;
  readonly parents: readonly string[];
  /** Seconds since 1970, as the committer's clock said. */
  readonly time: number;
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
  readonly changes: readonly FileChange[];
};

/** Mode of a submodule: its object is a commit of another repository. */
export const submoduleMode = "160000";

const headerLines = ["%H", "%P", "%ct", "%an", "%ae", "%ad", "%cn", "%ce", "%cd", "%B"];
// Everything that a user's configuration could change is named here, so that one history always reads the same.
const logArguments = [
  "-c",
  "log.showSignature=false",
  "-c",
  "diff.renameLimit=2000",
  "log",
  "-z",
  "--raw",
  "--no-abbrev",
  "--root",
  "--diff-merges=first-parent",
  "-M50%",
  "-C50%",
  "-l2000",
  "-O/dev/null",
  "--topo-order",
  "--reverse",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--no-notes",
  "--no-decorate",
  "--no-mailmap",
  "--no-relative",
  "--ignore-submodules=none",
  "--encoding=UTF-8",
  "--date=raw",
  `--format=commit ${headerLines.join("%n")}`,
];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** How many children each commit has in the history of `tip`, and so how often its files are asked for. */
export async function countChildren(path: string, tip: string): Promise<Map<string, number>> {
  const args = ["rev-list", "--parents", "--topo-order", tip];
  const child = startGit(path, args);
  const errorText = collectErrors(child);
  child.stdin.end();
  const children = new Map<string, number>();
  let rest = "";
  for await (const part of child.stdout.setEncoding("latin1")) {
    const lines = (rest + String(part)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [id = "", ...parents] = line.split(" ");
      if (!children.has(id)) children.set(id, 0);
      for (const parent of parents) children.set(parent, (children.get(parent) ?? 0) + 1);
    }
  }
  await finishGit(child, args, errorText);
  return children;
}

/**
 * The commits of a history, parents before children, each with what it changed. They are streamed: git waits while the reader is
 * busy, and a reader that stops ends git.
 *
 * @throws GIT_FAILED, GIT_OUTPUT_UNEXPECTED
 */
export async function* readHistory(path: string, tip: string): AsyncGenerator<Commit> {
  const args = [...logArguments, tip, "--"];
  const child = startGit(path, args);
  const errorText = collectErrors(child);
  child.stdin.end();
  let header: Buffer | undefined;
  let changes: FileChange[] = [];
  const fields = readFields(child.stdout);
  try {
    for await (const field of fields) {
      if (field.subarray(0, 7).toString("latin1") === "commit ") {
        if (header !== undefined) yield parseCommit(header, changes);
        header = field;
        changes = [];
        continue;
      }
      const raw = parseRaw(field);
      const first = await nextField(fields);
      const second = raw.kind === "RENAME" || raw.kind === "COPY" ? await nextField(fields) : undefined;
      changes.push({
        ...raw,
        name: pathName(second ?? first),
        oldName: second === undefined ? null : pathName(first),
      });
    }
    if (header !== undefined) yield parseCommit(header, changes);
    await finishGit(child, args.slice(4), errorText);
  } finally {
    child.kill();
  }
}

/** The NUL-terminated fields of a stream. */
async function* readFields(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let rest: Buffer[] = [];
  for await (const part of stream) {
    let start = 0;
    for (let end = part.indexOf(0); end !== -1; end = part.indexOf(0, start)) {
      const piece = part.subarray(start, end);
      yield rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      start = end + 1;
    }
    if (start < part.length) rest.push(part.subarray(start));
  }
  // git terminates the last commit without changes by the end of its output.
  if (rest.length > 0) yield Buffer.concat(rest);
}

async function nextField(fields: AsyncGenerator<Buffer, undefined>): Promise<Buffer> {
  const { value } = await fields.next();
  if (value === undefined)
    throw new StemmaError("GIT_OUTPUT_UNEXPECTED", { what: "a change without a path" });
  return value;
}

const kinds: Readonly<Record<string, FileChange["kind"]>> = {
  A: "ADD",
  M: "MODIFY",
  // A file that became a symbolic link, or the reverse.
  T: "MODIFY",
  D: "DELETE",
  R: "RENAME",
  C: "COPY",
};

function parseRaw(field: Buffer): Omit<FileChange, "name" | "oldName"> {
  const text = field.toString("latin1");
  const match = /^\n?:(\d{6}) (\d{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) ([A-Z])\d*$/.exec(text);
  const [, oldMode = "", newMode = "", oldObject = "", newObject = "", letter = ""] = match ?? [];
  const kind = kinds[letter];
  if (kind === undefined) throw new StemmaError("GIT_OUTPUT_UNEXPECTED", { what: text.slice(0, 120) });
  const gone = kind === "DELETE";
  return { kind, mode: gone ? oldMode : newMode, object: gone ? oldObject : newObject };
}

function parseCommit(header: Buffer, changes: readonly FileChange[]): Commit {
  const lines = decoder.decode(header).slice("commit ".length).split("\n");
  const [id = "", parents = "", time = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = ""] = lines;
  if (!/^[0-9a-f]{40,64}$/.test(id) || !/^-?\d*$/.test(time)) {
    throw new StemmaError("GIT_OUTPUT_UNEXPECTED", { what: lines.slice(0, 3).join(" ").slice(0, 120) });
  }
  return {
    id,
    parents: parents === "" ? [] : parents.split(" "),
    time: Number(time),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    // git ends what it prints of a commit with a line break of its own.
    message: lines
      .slice(headerLines.length - 1)
      .join("\n")
      .replace(/\n$/, ""),
    changes,
  };
}
