import { hexToBytes } from "../../../protocol/bytes.ts";
import { buildProof } from "../proof/buildProof.ts";
import { type Builder, bytesArgument, QUERY_COST } from "./builder.ts";
import type { Refs } from "./refs.ts";

/** The query field `proof` and its type. */
export function defineProof(builder: Builder, refs: Refs): void {
  builder.objectType(refs.proof, {
    description:
      "Shows that a record is in the log, to anyone who trusts the log's key or a checkpoint; no trust in this server is needed.",
    fields: (t) => ({
      json: t.string({
        description: "The proof file (format stemma-proof/1): save it and check it with `stemma verify`.",
        resolve: ({ proof }) => JSON.stringify(proof),
      }),
      record: t.field({ type: refs.record, resolve: ({ record }) => record }),
      index: t.field({ type: "BigInt", resolve: ({ proof }) => BigInt(proof.inclusion.index) }),
      size: t.field({ type: "BigInt", resolve: ({ proof }) => BigInt(proof.inclusion.size) }),
      path: t.field({
        type: ["Hex"],
        description: "The leaf's sibling first, the root's child last (RFC 9162).",
        resolve: ({ proof }) => proof.inclusion.path.map((hash) => hexToBytes(hash)),
      }),
      checkpoint: t.string({
        description: "The C2SP signed note.",
        resolve: ({ proof }) => proof.checkpoint,
      }),
      logKey: t.string({
        description: "The log's verifier key, as a hint: take the one you trust from elsewhere.",
        resolve: ({ proof }) => proof.logKey,
      }),
      anchored: t.boolean({ resolve: ({ proof }) => proof.anchor !== null }),
    }),
  });

  builder.queryField("proof", (t) =>
    t.field({
      type: refs.proof,
      description:
        "Under the smallest anchored checkpoint that covers the record, else under the newest one. PROOF_NOT_READY before the record is INTEGRATED.",
      args: { recordHash: t.arg({ type: "Hex", required: true }) },
      // The path is read from two tiles or so; about as much as five queries.
      complexity: 5 * QUERY_COST,
      resolve: (_root, args, context) =>
        buildProof(bytesArgument(args.recordHash, "recordHash", 32), context),
    }),
  );
}
