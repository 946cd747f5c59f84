import type { Account } from "viem";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { recordTypedData } from "../../protocol/record.ts";
import { lowerHex, type StemmaConnection } from "../connection.ts";
import type { PreparedRecord } from "./prepareRecord.ts";

export type SignRecordParameters = PreparedRecord & {
  /** The agent; the client's account by default. */
  readonly account?: Account;
};

/** A record with its agent's signature: whoever holds it may submit it, once. */
export type SignedRecord = PreparedRecord & { readonly agent: Hex; readonly signature: Hex };

export type SignRecordReturnType = SignedRecord;

export type SignRecordErrorType = StemmaError<"ACCOUNT_MISSING" | "WRONG_CHAIN" | "RPC_UNAVAILABLE">;

/**
 * Signs a record (EIP-712), so that somebody else can pay for it and submit it with `submitSigned` or `submitBatch`.
 *
 * @throws SignRecordErrorType
 */
export async function signRecord(
  connection: StemmaConnection,
  parameters: SignRecordParameters,
): Promise<SignRecordReturnType> {
  const { account = connection.account, record, parents, recordHash, start } = parameters;
  if (!account?.signTypedData) throw new StemmaError("ACCOUNT_MISSING", { action: "signRecord" });
  const signature = await account.signTypedData(recordTypedData(await connection.domain(), record));
  return { record, parents, recordHash, start, agent: lowerHex(account.address), signature };
}
