import {
  type IndexerConfig,
  type RunningIndexer,
  type StartOptions,
  startIndexer,
} from "../../indexer/main.ts";
import { isStemmaError } from "../../protocol/errors.ts";

/** Starts the indexer with its API on the configured port, or on a free one where that is taken. */
export async function startIndexerSomewhere(
  config: IndexerConfig,
  options: StartOptions,
): Promise<RunningIndexer> {
  try {
    return await startIndexer(config, options);
  } catch (error) {
    if (!isStemmaError(error, "API_PORT_TAKEN")) throw error;
    return startIndexer({ ...config, api: { ...config.api, port: 0 } }, options);
  }
}
