import { type EmbeddedChain, startEmbeddedChain } from "../../cluster/targets/embedded.ts";
import { isStemmaError } from "../../protocol/errors.ts";

/** Starts the chain on its usual port, or on a free one where that is taken. */
export async function startChain(usualPort: number): Promise<EmbeddedChain> {
  try {
    return await startEmbeddedChain({ port: usualPort });
  } catch (error) {
    if (!isStemmaError(error, "CHAIN_PORT_TAKEN")) throw error;
    return startEmbeddedChain();
  }
}
