import { fetchDataset } from "./api/fetchDataset.ts";
import { fetchLineage } from "./api/fetchLineage.ts";
import { fetchMeta } from "./api/fetchMeta.ts";
import { fetchProof } from "./api/fetchProof.ts";
import { fetchRecord } from "./api/fetchRecord.ts";
import { accesses, checkpoints, datasets, records } from "./api/pages.ts";
import { watchCheckpoints, watchRecords, watchStates } from "./api/subscribe.ts";
import { datasetOwner } from "./chain/datasetOwner.ts";
import { endorsementPolicy } from "./chain/endorsementPolicy.ts";
import { getLatestHash } from "./chain/getLatestHash.ts";
import { isWriter } from "./chain/isWriter.ts";
import { lineageLength } from "./chain/lineageLength.ts";
import { namespaceOwner } from "./chain/namespaceOwner.ts";
import { recordInfo } from "./chain/recordInfo.ts";
import { verifyLineage } from "./chain/verifyLineage.ts";
import { verifyRecord } from "./chain/verifyRecord.ts";
import { type ConnectionOptions, connect, type StemmaConnection } from "./connection.ts";
import { acceptDataset } from "./dataset/acceptDataset.ts";
import { acceptNamespace } from "./dataset/acceptNamespace.ts";
import { recordAccesses } from "./dataset/recordAccesses.ts";
import { registerNamespace } from "./dataset/registerNamespace.ts";
import { setDatasetWriter } from "./dataset/setDatasetWriter.ts";
import { setNamespaceWriter } from "./dataset/setNamespaceWriter.ts";
import { transferDataset } from "./dataset/transferDataset.ts";
import { transferNamespace } from "./dataset/transferNamespace.ts";
import { endorse } from "./endorsement/endorse.ts";
import { setEndorsementPolicy } from "./endorsement/setEndorsementPolicy.ts";
import { signEndorsement } from "./endorsement/signEndorsement.ts";
import { checkProof } from "./proof/checkProof.ts";
import { verifyByContracts } from "./proof/verifyByContracts.ts";
import { prepareRecord } from "./record/prepareRecord.ts";
import { signRecord } from "./record/signRecord.ts";
import { startDataset } from "./record/startDataset.ts";
import { submitBatch } from "./record/submitBatch.ts";
import { submitRecord } from "./record/submitRecord.ts";
import { submitSigned } from "./record/submitSigned.ts";

const actions = {
  registerNamespace,
  setNamespaceWriter,
  transferNamespace,
  acceptNamespace,
  setDatasetWriter,
  transferDataset,
  acceptDataset,
  startDataset,
  prepareRecord,
  signRecord,
  submitRecord,
  submitSigned,
  submitBatch,
  recordAccesses,
  setEndorsementPolicy,
  signEndorsement,
  endorse,
  getLatestHash,
  lineageLength,
  recordInfo,
  datasetOwner,
  namespaceOwner,
  isWriter,
  endorsementPolicy,
  verifyRecord,
  verifyLineage,
  fetchRecord,
  fetchDataset,
  fetchLineage,
  fetchProof,
  fetchMeta,
  records,
  datasets,
  accesses,
  checkpoints,
  watchRecords,
  watchStates,
  watchCheckpoints,
  checkProof,
  verifyByContracts,
} as const;

type Actions = typeof actions;
type Bound<Action> = Action extends (connection: StemmaConnection, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** Every action of the client, bound to one connection. */
export type StemmaClient = { readonly [Name in keyof Actions]: Bound<Actions[Name]> } & {
  readonly connection: StemmaConnection;
};

/**
 * A client for a registry, and for the indexer's API where `apiUrl` is given. Does no I/O by itself.
 *
 * @throws USAGE where neither a node nor the contracts are named.
 * @example
 * const client = createStemmaClient({ rpcUrl: "http://127.0.0.1:8545", deployment: readDeployment("localhost") });
 * const head = await client.getLatestHash({ dataId });
 */
export function createStemmaClient(options: ConnectionOptions): StemmaClient {
  const connection = connect(options);
  const bound = Object.entries(actions).map(([name, action]) => [
    name,
    (...rest: unknown[]) => (action as (...all: unknown[]) => unknown)(connection, ...rest),
  ]);
  // Built from `actions` key by key, each bound to the connection: exactly what the mapped type says.
  return { ...Object.fromEntries(bound), connection } as StemmaClient;
}
