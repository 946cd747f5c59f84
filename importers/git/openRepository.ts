import { basename } from "node:path";
import { isStemmaError, StemmaError } from "../../protocol/errors.ts";
import { gitOutput } from "./git.ts";

/** A git repository, looked at from one of its commits. */
export type Repository = {
  /** Folder given to git. */
  readonly path: string;
  /** The commit whose history is imported; null in a repository without commits. */
  readonly tip: string | null;
  /** `git:` and the identity of the origin, or the folder's name where there is no origin. */
  readonly namespace: string;
  /** True where the history was cut off when it was cloned. */
  readonly isShallow: boolean;
};

/**
 * Looks at the repository that `path` lies in.
 *
 * @throws GIT_NOT_FOUND, GIT_NOT_A_REPOSITORY, GIT_REVISION_UNKNOWN
 */
export async function openRepository(path: string, revision?: string): Promise<Repository> {
  const answer = await gitOutput(path, ["rev-parse", "--is-shallow-repository", "--absolute-git-dir"]).catch(
    (error: unknown) => {
      if (!isStemmaError(error, "GIT_FAILED")) throw error;
      throw new StemmaError(
        "GIT_NOT_A_REPOSITORY",
        { path, reason: error.values.reason ?? "" },
        { cause: error },
      );
    },
  );
  const [shallow, gitDirectory = ""] = answer.split("\n");
  return {
    path,
    tip: await findTip(path, revision),
    namespace: `git:${(await originIdentity(path)) ?? repositoryName(gitDirectory)}`,
    isShallow: shallow === "true",
  };
}

async function findTip(path: string, revision: string | undefined): Promise<string | null> {
  const name = revision ?? "HEAD";
  try {
    // What follows --end-of-options is a name, whatever it begins with.
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
    return (await gitOutput(path, args)).trim();
  } catch (error) {
    if (!isStemmaError(error, "GIT_FAILED")) throw error;
    if (revision === undefined) return null;
    throw new StemmaError("GIT_REVISION_UNKNOWN", { revision: name }, { cause: error });
  }
}

async function originIdentity(path: string): Promise<string | undefined> {
  try {
    const url = (await gitOutput(path, ["config", "--get", "remote.origin.url"])).trim();
    return url === "" ? undefined : normalizeOrigin(url);
  } catch {
    return undefined;
  }
}

/**
 * Host and path of a remote URL, without protocol, user, password or `.git`, so that every clone gets one and the same identity;
 * undefined for a remote that is a local folder.
 *
 * @example normalizeOrigin("git@example.org:team/data.git") // "example.org/team/data"
 */
export function normalizeOrigin(url: string): string | undefined {
  const withProtocol = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/]+)\/+(.+)$/i.exec(url);
  const scp = /^(?:[^/@]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(url);
  const [, host, path] = withProtocol ?? scp ?? [];
  if (host === undefined || path === undefined) return undefined;
  const trimmed = path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return trimmed === "" ? undefined : `${host.toLowerCase()}/${trimmed}`;
}

function repositoryName(gitDirectory: string): string {
  const folder = gitDirectory.replace(/\/\.git$/, "");
  return basename(folder).replace(/\.git$/, "") || "repository";
}
