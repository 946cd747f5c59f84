import { complexityFromQuery } from "@pothos/plugin-complexity";
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from "graphql";
import { StemmaError } from "../../../protocol/errors.ts";
import type { ApiContext } from "../context.ts";

export type CostQuestion = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Record<string, unknown>;
};

/**
 * Refuses an operation that would touch too many objects. Counts with the arguments that it will run with, so a variable or a
 * default counts like a literal; and counts the operation that will run, because a document may hold several.
 *
 * @throws QUERY_TOO_COSTLY, and a GraphQLError where the variables don't fit
 */
export function requireAffordable(question: CostQuestion, context: ApiContext): void {
  const operation = operationToRun(question);
  // What to say about a missing operation is left to the executor.
  if (!operation) return;
  const definitions = question.document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const { complexity } = complexityFromQuery(
    { kind: Kind.DOCUMENT, definitions: [operation, ...definitions] },
    { schema: question.schema, ctx: context, variables: question.variables },
  );
  if (complexity > context.limits.cost) {
    throw new StemmaError("QUERY_TOO_COSTLY", { given: complexity, limit: context.limits.cost });
  }
}

function operationToRun({ document, operationName }: CostQuestion): OperationDefinitionNode | undefined {
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .find(({ name }) => operationName == null || name?.value === operationName);
}
