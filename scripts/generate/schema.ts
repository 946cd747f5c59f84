import { renderSchema } from "../../indexer/api/index.ts";
import type { GeneratedFile } from "./generatedFile.ts";

/** The GraphQL schema as text, so that a change of the API shows up in review. */
export async function generateSchema(): Promise<readonly GeneratedFile[]> {
  return [{ path: "indexer/api/schema.graphql", content: renderSchema() }];
}
