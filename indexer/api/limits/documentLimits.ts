import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  type SelectionSetNode,
  Source,
  TokenKind,
  type ValidationContext,
  visit,
} from "graphql";
import { StemmaError } from "../../../protocol/errors.ts";
import type { ApiLimits } from "./apiLimits.ts";

/**
 * Refuses a document by its length and number of tokens, before it is parsed.
 *
 * @throws QUERY_DOCUMENT_TOO_LARGE, QUERY_TOO_MANY_TOKENS
 */
export function requireSmallDocument(text: string, limits: ApiLimits): void {
  if (text.length > limits.documentCharacters) {
    throw new StemmaError("QUERY_DOCUMENT_TOO_LARGE", {
      given: text.length,
      limit: limits.documentCharacters,
    });
  }
  const lexer = new Lexer(new Source(text));
  for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens++) {
    if (tokens >= limits.tokens) throw new StemmaError("QUERY_TOO_MANY_TOKENS", { limit: limits.tokens });
  }
}

/**
 * A validation rule that reports QUERY_TOO_DEEP and QUERY_TOO_MANY_ALIASES. Introspection is exempt from the depth: its own rule
 * of graphql-js bounds it.
 */
export function documentShapeRule(limits: ApiLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    Document(document) {
      const aliases = countAliases(document);
      if (aliases > limits.aliases) {
        report(context, new StemmaError("QUERY_TOO_MANY_ALIASES", { given: aliases, limit: limits.aliases }));
      }
      const depth = documentDepth(document);
      if (depth > limits.depth) {
        report(context, new StemmaError("QUERY_TOO_DEEP", { given: depth, limit: limits.depth }));
      }
    },
  });
}

function report(context: ValidationContext, error: StemmaError): void {
  context.reportError(new GraphQLError(error.message, { originalError: error }));
}

function countAliases(document: DocumentNode): number {
  let aliases = 0;
  visit(document, {
    Field: (field) => {
      if (field.alias) aliases++;
    },
  });
  return aliases;
}

/** Levels of fields in the deepest operation, fragments included, each fragment looked at once. */
function documentDepth(document: DocumentNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const depths = new Map<string, number>();

  function selectionDepth({ selections }: SelectionSetNode): number {
    let deepest = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const isIntrospection = selection.name.value.startsWith("__");
        const below = selection.selectionSet && !isIntrospection ? selectionDepth(selection.selectionSet) : 0;
        deepest = Math.max(deepest, 1 + below);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, selectionDepth(selection.selectionSet));
      } else {
        deepest = Math.max(deepest, fragmentDepth(selection.name.value));
      }
    }
    return deepest;
  }

  function fragmentDepth(name: string): number {
    const known = depths.get(name);
    if (known !== undefined) return known;
    // Ends a cycle; that it is one is reported by a rule of graphql-js.
    depths.set(name, 0);
    const fragment = fragments.get(name);
    const depth = fragment ? selectionDepth(fragment.selectionSet) : 0;
    depths.set(name, depth);
    return depth;
  }

  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  return Math.max(0, ...operations.map(({ selectionSet }) => selectionDepth(selectionSet)));
}
