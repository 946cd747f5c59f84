export { createCheckpointer } from "./checkpointer.ts";
export { createHasher } from "./createHasher.ts";
export { createPlainHasher } from "./hasher.ts";
export { createLogBuilder } from "./logBuilder.ts";
