import type { Account } from "viem";
import type { Hex } from "../../protocol/bytes.ts";
import { endorsementTypedData } from "../../protocol/endorsement.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { recordInfo } from "../chain/recordInfo.ts";
import type { StemmaConnection } from "../connection.ts";

export type SignEndorsementParameters = {
  readonly recordHash: Hex;
  /** The validator; the client's account by default. */
  readonly account?: Account;
  /** Version of the policy; by default the one that the registry keeps with the record. */
  readonly policyVersion?: bigint;
};

/** A validator's signature over a record, as `endorse` takes it. */
export type SignedEndorsement = { readonly validator: Hex; readonly signature: Hex };

export type SignEndorsementReturnType = SignedEndorsement;

export type SignEndorsementErrorType = StemmaError<
  "ACCOUNT_MISSING" | "WRONG_CHAIN" | "RPC_UNAVAILABLE" | "PROVENANCE_RECORD_UNKNOWN"
>;

/**
 * Signs an endorsement of a record (EIP-712). Sends nothing: whoever collects the signatures submits them with `endorse`.
 *
 * @throws SignEndorsementErrorType
 */
export async function signEndorsement(
  connection: StemmaConnection,
  parameters: SignEndorsementParameters,
): Promise<SignEndorsementReturnType> {
  const account = parameters.account ?? connection.account;
  if (account?.signTypedData === undefined)
    throw new StemmaError("ACCOUNT_MISSING", { action: "signEndorsement" });
  const validator = account.address.toLowerCase() as Hex;
  const policyVersion = parameters.policyVersion ?? (await policyOf(connection, parameters.recordHash));
  const endorsement = { recordHash: parameters.recordHash, validator, policyVersion };
  const signature = await account.signTypedData(endorsementTypedData(await connection.domain(), endorsement));
  return { validator, signature };
}

async function policyOf(connection: StemmaConnection, recordHash: Hex): Promise<bigint> {
  const info = await recordInfo(connection, { recordHash });
  if (info.status === "UNKNOWN") throw new StemmaError("PROVENANCE_RECORD_UNKNOWN", { recordHash });
  return info.policyVersion;
}
