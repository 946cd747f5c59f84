import type { GraphQLSchema } from "graphql";
import { defineAttestation } from "./attestation.ts";
import { createBuilder } from "./builder.ts";
import { createConnections } from "./connections.ts";
import { defineDataset } from "./dataset.ts";
import { defineLineage } from "./lineage.ts";
import { defineLog } from "./log.ts";
import { defineMeta } from "./meta.ts";
import { defineProof } from "./proof.ts";
import { defineQuery } from "./query.ts";
import { defineRecord } from "./record.ts";
import { createRefs } from "./refs.ts";
import { defineSubscription } from "./subscription.ts";

/** The whole schema. It holds no state: everything a resolver needs comes with the context. */
export function buildSchema(): GraphQLSchema {
  const builder = createBuilder();
  const refs = createRefs(builder);
  const connections = createConnections(builder, refs);
  defineRecord(builder, refs, connections);
  defineDataset(builder, refs, connections);
  defineAttestation(builder, refs);
  defineLog(builder, refs);
  defineQuery(builder, refs, connections);
  defineLineage(builder, refs);
  defineProof(builder, refs);
  defineMeta(builder);
  defineSubscription(builder, refs);
  return builder.toSchema();
}
