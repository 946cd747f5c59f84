export { type Api, type ApiDependencies, type ApiOptions, createApi } from "./createApi.ts";
export { renderSchema } from "./generateSchema.ts";
export { type ApiLimits, defaultApiLimits } from "./limits/apiLimits.ts";
export type { ApiClock, ApiDeployment, ApiHealth, ApiLog, ApiLogger, ApiSources } from "./ports.ts";
