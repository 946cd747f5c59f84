import type { Plugin } from "graphql-yoga";
import { StemmaError } from "../../../protocol/errors.ts";
import type { ApiContext } from "../context.ts";
import type { ApiLimits } from "./apiLimits.ts";
import { requireAffordable } from "./costLimit.ts";
import { documentShapeRule, requireSmallDocument } from "./documentLimits.ts";

/**
 * All limits, in the order in which a request meets them: length, tokens, shape, cost, time. Time ends both the answer and, through
 * the context's signal, the SQL behind it.
 */
export function createLimitsPlugin(limits: ApiLimits, mask: (error: unknown) => Error): Plugin<ApiContext> {
  const shapeRule = documentShapeRule(limits);
  return {
    onParse: ({ params }) => {
      requireSmallDocument(String(params.source), limits);
    },
    onValidate: ({ addValidationRule }) => {
      addValidationRule(shapeRule);
      // Yoga masks what is thrown, but not what validation returns.
      return ({ result, setResult }) => setResult(result.map(mask));
    },
    onExecute: ({ args }) => {
      const context: ApiContext = args.contextValue;
      requireAffordable(
        {
          schema: args.schema,
          document: args.document,
          operationName: args.operationName,
          variables: { ...args.variableValues },
        },
        context,
      );
      const { abort } = context;
      const timer = setTimeout(
        () => abort.abort(new StemmaError("QUERY_TOO_SLOW", { limitMs: limits.executionTimeoutMs })),
        limits.executionTimeoutMs,
      );
      Object.assign(args, { signal: abort.signal });
      return { onExecuteDone: () => clearTimeout(timer) };
    },
    onSubscribe: ({ args }) => {
      requireAffordable(
        {
          schema: args.schema,
          document: args.document,
          operationName: args.operationName,
          variables: { ...args.variableValues },
        },
        args.contextValue,
      );
    },
  };
}
