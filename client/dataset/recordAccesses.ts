import { encodeFunctionData, parseEventLogs } from "viem";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import { type Hex, ZERO_HASH } from "../../protocol/bytes.ts";
import type { StemmaError } from "../../protocol/errors.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import type { StemmaConnection } from "../connection.ts";
import { type TransactErrorName, type TransactionResult, transact } from "../transaction/transact.ts";

/** One read of data. */
export type AccessReport = {
  readonly dataId: Hex;
  /** The record whose data was read. */
  readonly recordHash: Hex;
  /** 32-byte pseudonym of the reader; never a name, nor an unsalted hash of one. */
  readonly reader: Hex;
  /** Code of the purpose, such as "RESEARCH": 1 to 31 printable ASCII characters. */
  readonly purpose: string;
  /** Salted commitment to what else is known of the read. */
  readonly metadataHash?: Hex;
  /** Seconds since 1970; now by default. */
  readonly timestamp?: bigint;
};

export type RecordAccessesParameters = { readonly reports: readonly AccessReport[] };

/** `accessHashes` are in the order of the reports. */
export type RecordAccessesReturnType = TransactionResult & { readonly accessHashes: readonly Hex[] };

export type RecordAccessesErrorType = StemmaError<
  | TransactErrorName
  | "INVALID_OPERATION"
  | "PROVENANCE_BATCH_EMPTY"
  | "PROVENANCE_BATCH_TOO_LARGE"
  | "PROVENANCE_DATASET_UNKNOWN"
  | "PROVENANCE_NOT_WRITER"
  | "PROVENANCE_RECORD_UNKNOWN"
  | "PROVENANCE_RECORD_NOT_IN_DATASET"
  | "PROVENANCE_OPERATION_INVALID"
  | "PROVENANCE_TIMESTAMP_IN_FUTURE"
  | "PROVENANCE_TIMESTAMP_ZERO"
>;

/**
 * Writes reads into the access log. The account must own or write each dataset.
 *
 * @throws RecordAccessesErrorType
 */
export async function recordAccesses(
  connection: StemmaConnection,
  parameters: RecordAccessesParameters,
): Promise<RecordAccessesReturnType> {
  const now = BigInt(Math.floor(connection.clock() / 1000));
  const reports = parameters.reports.map((report) => ({
    dataId: report.dataId,
    recordHash: report.recordHash,
    reader: report.reader,
    purpose: encodeOperation(report.purpose),
    metadataHash: report.metadataHash ?? ZERO_HASH,
    timestamp: report.timestamp ?? now,
  }));
  const data = encodeFunctionData({
    abi: provenanceRegistryAbi,
    functionName: "recordAccesses",
    args: [reports],
  });
  const result = await transact(connection, { action: "recordAccesses", to: connection.registry, data });
  const logs = parseEventLogs({
    abi: provenanceRegistryAbi,
    eventName: "AccessRecorded",
    logs: result.receipt.logs.filter((log) => log.address.toLowerCase() === connection.registry),
  });
  return { ...result, accessHashes: logs.map((log) => log.args.accessHash) };
}
