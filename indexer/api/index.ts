export { type ApiDependencies, createApi } from "./createApi.ts";
export { renderSchema } from "./generateSchema.ts";
export { type ApiLimits, defaultApiLimits } from "./limits/apiLimits.ts";
export type { ApiLogger } from "./ports.ts";
