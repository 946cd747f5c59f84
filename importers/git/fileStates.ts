import type { Hex } from "../../protocol/bytes.ts";
import { createPersistentMap, type PersistentMap } from "./persistentMap.ts";
import type { Commit, FileChange } from "./readHistory.ts";

/** A file as one commit knows it: its latest record, and whether the file is still there. */
export type FileState = {
  readonly recordHash: Hex;
  readonly dataHash: Hex;
  readonly object: string;
  readonly mode: string;
  readonly present: boolean;
};

export type Files = PersistentMap<FileState>;

/** A record that a commit asks for, before it has a place in its dataset's history. */
export type FileStep = {
  readonly name: string;
  readonly operation: "CREATE" | "TRANSFORM" | "DERIVE" | "REVOKE";
  readonly change: FileChange;
  /** Records of the file, or of the file it came from, in the commit's parents. */
  readonly parents: readonly Hex[];
  /** The file before the change. */
  readonly before: FileState | undefined;
  /** True for a merge: the parents are told even where one of them is the previous record. */
  readonly isMerge: boolean;
};

/** What becomes of one change of a commit: a record of its own, or the state that another parent of a merge has already. */
export type ChangeOutcome =
  | { readonly kind: "STEP"; readonly step: FileStep }
  | { readonly kind: "TAKEN"; readonly name: string; readonly state: FileState };

/**
 * Judges a change. `git` compares a merge with its first parent only; where another parent has the very file that the merge has,
 * the change was made, and recorded, over there.
 */
export function judgeChange(change: FileChange, first: Files, others: readonly Files[]): ChangeOutcome {
  const { kind, name, oldName } = change;
  const elsewhere = others.map((files) => files.get(name));
  if (kind === "DELETE") {
    const gone = elsewhere.find((state) => state !== undefined && !state.present);
    if (gone !== undefined) return { kind: "TAKEN", name, state: gone };
  } else {
    const same = elsewhere.find(
      (state) => state?.present && state.object === change.object && state.mode === change.mode,
    );
    if (same !== undefined) return { kind: "TAKEN", name, state: same };
  }
  const before = oldName === null ? first.get(name) : first.get(oldName);
  const sources = [
    before,
    ...elsewhere,
    ...(oldName === null ? [] : others.map((files) => files.get(oldName))),
  ];
  const parents = new Set(sources.filter((state) => state?.present).map((state) => state?.recordHash));
  parents.delete(undefined);
  return {
    kind: "STEP",
    step: {
      name,
      operation: operationOf(kind, parents.size > 0),
      change,
      parents: [...parents].filter((hash) => hash !== undefined),
      before: before?.present ? before : undefined,
      isMerge: others.length > 0,
    },
  };
}

function operationOf(kind: FileChange["kind"], hasSource: boolean): FileStep["operation"] {
  if (kind === "DELETE") return "REVOKE";
  if (kind === "RENAME" || kind === "COPY") return "DERIVE";
  // A merge may add a file that one of its other parents has in another form.
  return hasSource ? "TRANSFORM" : "CREATE";
}

/** The files of every commit whose children are still to come. */
export type FileStates = {
  /** Files of each parent, the first one first. */
  readonly ofParents: (commit: Commit) => { readonly first: Files; readonly others: readonly Files[] };
  readonly set: (commit: Commit, files: Files) => void;
};

/** @param children How often the files of each commit will be asked for; after that they are let go. */
export function createFileStates(children: Map<string, number>): FileStates {
  const states = new Map<string, Files>();
  const empty = createPersistentMap<FileState>();

  function take(id: string): Files {
    const files = states.get(id) ?? empty;
    const left = (children.get(id) ?? 0) - 1;
    children.set(id, left);
    if (left <= 0) states.delete(id);
    return files;
  }

  return {
    ofParents(commit) {
      const [first = empty, ...others] = commit.parents.map(take);
      return { first, others };
    },
    set(commit, files) {
      if ((children.get(commit.id) ?? 0) > 0) states.set(commit.id, files);
    },
  };
}
