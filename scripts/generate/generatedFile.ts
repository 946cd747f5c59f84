/** A file that is derived from others, with what it has to contain. `path` is relative to the repository. */
export type GeneratedFile = { readonly path: string; readonly content: string };
