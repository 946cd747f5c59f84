import { mnemonicToAccount } from "viem/accounts";
import { bytesToHex, type Hex, hexToBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";

/** An account whose key everybody knows: for chains that hold nothing of value. */
export type DevelopmentAccount = { readonly address: Hex; readonly privateKey: Hex };

/** Hardhat's public test mnemonic; its accounts are funded in every Hardhat chain. */
const developmentMnemonic = "test test test test test test test test test test test junk";

/** The first `count` accounts of {@link developmentMnemonic}. They MUST NOT be used where anything is at stake. */
export function developmentAccounts(count: number): DevelopmentAccount[] {
  return Array.from({ length: count }, (_, addressIndex) => {
    const account = mnemonicToAccount(developmentMnemonic, { addressIndex });
    const key = account.getHdKey().privateKey;
    if (!key) throw new StemmaError("ASSERTION_FAILED", { what: "a derived account has no private key" });
    return { address: bytesToHex(hexToBytes(account.address)), privateKey: bytesToHex(key) };
  });
}
