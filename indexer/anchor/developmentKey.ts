import { mnemonicToAccount } from "viem/accounts";
import { bytesToHex, type Hex } from "../../protocol/bytes.ts";

/** Hardhat's public test mnemonic; everybody knows its keys. */
const MNEMONIC = "test test test test test test test test test test test junk";
const ACCOUNTS = 20;

/** Private key of a public development account, or null where the address isn't one. For development chains alone. */
export function developmentKey(address: Hex): Hex | null {
  for (let addressIndex = 0; addressIndex < ACCOUNTS; addressIndex++) {
    const account = mnemonicToAccount(MNEMONIC, { addressIndex });
    const key = account.getHdKey().privateKey;
    if (account.address.toLowerCase() === address.toLowerCase() && key !== null) return bytesToHex(key);
  }
  return null;
}
