import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import type { ChainIdentity } from "./chain.ts";

const startedSchema = z.strictObject({
  chainId: z.int(),
  genesisHash: z.string().transform((text) => text as Hex),
  headBlock: z.int().nonnegative(),
});

/** Paths inside `deployments/<network>/`. */
export type NetworkFolder = {
  readonly path: string;
  /** Ignition's journal, from which an interrupted deployment goes on. */
  readonly journal: string;
  /** The chain that the deployment was started on. Known before anything is sent. */
  readonly started: string;
  /** Written last: its presence says that the deployment is whole. */
  readonly chain: string;
};

export function networkFolder(directory: string, network: string): NetworkFolder {
  const path = join(directory, network);
  return {
    path,
    journal: join(path, "journal"),
    started: join(path, "started.json"),
    chain: join(path, "chain.json"),
  };
}

/**
 * Writes a file so that a reader, or the next run after a crash, sees either all of it or none of it. The same text again
 * leaves the file untouched.
 */
export function writeFileAtomically(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, "w");
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

export function writeJsonAtomically(file: string, value: unknown): void {
  writeFileAtomically(
    file,
    `${JSON.stringify(value, (_, part) => (typeof part === "bigint" ? Number(part) : part), 2)}\n`,
  );
}

/** The chain that an unfinished or finished deployment was started on; undefined where there is none. */
export function readStarted(folder: NetworkFolder): ChainIdentity | undefined {
  if (!existsSync(folder.started)) return undefined;
  try {
    return startedSchema.parse(JSON.parse(readFileSync(folder.started, "utf8")));
  } catch (error) {
    throw new StemmaError(
      "DEPLOYMENT_INVALID",
      { file: folder.started, reason: "it doesn't name a chain" },
      { cause: error },
    );
  }
}

/** Moves the folder out of the way and returns its new path; undefined where there is no folder. */
export function moveAside(folder: NetworkFolder, now: Date): string | undefined {
  if (!existsSync(folder.path)) return undefined;
  const stamp = now.toISOString().replaceAll(":", "-");
  const target = `${folder.path}.${stamp}`;
  renameSync(folder.path, target);
  return target;
}
