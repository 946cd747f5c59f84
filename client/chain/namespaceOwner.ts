import type { Hex } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import type { StemmaConnection } from "../connection.ts";
import { lowerHex } from "../connection.ts";
import { type ReadErrorName, readRegistry } from "./readRegistry.ts";

export type NamespaceOwnerParameters = {
  readonly namespaceId: Hex;
};

export type NamespaceOwnerReturnType = { readonly owner: Hex; readonly pendingOwner: Hex };

export type NamespaceOwnerErrorType = StemmaError<ReadErrorName>;

/**
 * Who owns a namespace, and to whom it is offered; zero addresses where there is none.
 *
 * @throws NamespaceOwnerErrorType
 */
export async function namespaceOwner(
  connection: StemmaConnection,
  parameters: NamespaceOwnerParameters,
): Promise<NamespaceOwnerReturnType> {
  const [owner, pendingOwner] = await readRegistry(connection, "namespaceOwner", [parameters.namespaceId]);
  return { owner: lowerHex(owner), pendingOwner: lowerHex(pendingOwner) };
}
