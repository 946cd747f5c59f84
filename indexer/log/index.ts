export { type Checkpointer, createCheckpointer } from "./checkpointer.ts";
export { createHasher } from "./createHasher.ts";
export { createPlainHasher, type LogHasher } from "./hasher.ts";
export { createLogBuilder, encodeLeaves, type LogBuilder } from "./logBuilder.ts";
export { consistencyProof, inclusionProof } from "./proofs.ts";
export { createTreeBuilder, type Growth, type TreeBuilder } from "./treeBuilder.ts";
