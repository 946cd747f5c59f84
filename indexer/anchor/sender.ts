import {
  type Hex,
  keccak256,
  type PublicClient,
  parseTransaction,
  type Signature,
  serializeTransaction,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
} from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { chainError, shortReason } from "./chainError.ts";
import { bumpFees, type Fees, priceOf, suggestFees } from "./fees.ts";

/** A transaction that is signed and not necessarily sent. */
export type SignedTransaction = {
  readonly nonce: bigint;
  readonly rawTransaction: Uint8Array;
  readonly transactionHash: Uint8Array;
};

/** Where a transaction stands, as the node sees it now. */
export type TransactionStatus =
  | { readonly type: "unknown" | "pending" }
  | {
      readonly type: "mined";
      readonly succeeded: boolean;
      readonly blockNumber: bigint;
      readonly blockHash: Uint8Array;
    };

/** Signs and sends the operator's transactions. It decides nothing: the anchorer does. */
export type Sender = {
  readonly account: PrivateKeyAccount;
  /** Signs a call with the next free nonce and today's fees. Nothing is sent. */
  readonly sign: (to: Hex, data: Hex) => Promise<SignedTransaction>;
  /** Signs the same call with the same nonce and higher fees. */
  readonly resign: (raw: Uint8Array) => Promise<SignedTransaction>;
  /** Null where the node took the transaction, else what it said. */
  readonly broadcast: (raw: Uint8Array) => Promise<string | null>;
  readonly statusOf: (hash: Uint8Array) => Promise<TransactionStatus>;
  /** Number of the account's transactions that blocks hold: a nonce below it is used up. */
  readonly usedNonces: () => Promise<bigint>;
  /** The signed bytes of a transaction on chain, built from what the node keeps of it. */
  readonly fetch: (hash: Uint8Array) => Promise<SignedTransaction>;
};

/** A fifth more gas than estimated: the proof's cost may move with the block that it lands in. */
const GAS_MARGIN_PERCENT = 120n;

/**
 * Binds the sender to an account and a chain.
 *
 * @throws (from the calls) ANCHORING_CHAIN_UNREACHABLE, and ANCHORING_UNFUNDED where the account can't pay
 */
export function createSender(
  client: PublicClient,
  { account, chainId }: { account: PrivateKeyAccount; chainId: bigint },
): Sender {
  const signCall = async (
    call: { to: Hex; data: Hex; nonce: number; gas: bigint },
    fees: Fees,
  ): Promise<SignedTransaction> => {
    const raw = await account.signTransaction({ ...call, ...fees, chainId: Number(chainId) });
    return signed(raw, call.nonce);
  };

  const affordable = async (gas: bigint, fees: Fees): Promise<void> => {
    const costWei = gas * priceOf(fees);
    if (costWei === 0n) return;
    const balanceWei = await client.getBalance({ address: account.address }).catch(chainError("getBalance"));
    if (balanceWei < costWei) throw new StemmaError("ANCHORING_UNFUNDED", { account: account.address });
  };

  return {
    account,
    sign: async (to, data) => {
      const [fees, nonce, estimate] = await Promise.all([
        suggestFees(client),
        client
          .getTransactionCount({ address: account.address, blockTag: "pending" })
          .catch(chainError("getTransactionCount")),
        client.estimateGas({ account: account.address, to, data }).catch(chainError("estimateGas")),
      ]);
      const gas = (estimate * GAS_MARGIN_PERCENT) / 100n;
      await affordable(gas, fees);
      return signCall({ to, data, nonce, gas }, fees);
    },
    resign: async (raw) => {
      const sent = parseTransaction(bytesToHex(raw));
      const { to, data, gas } = sent;
      if (!to || data === undefined || gas === undefined) {
        throw new StemmaError("ASSERTION_FAILED", {
          what: "the outbox holds a transaction that calls nothing",
        });
      }
      const fees = bumpFees(feesOf(sent), await suggestFees(client));
      await affordable(gas, fees);
      return signCall({ to, data, nonce: sent.nonce ?? 0, gas }, fees);
    },
    broadcast: async (raw) => {
      try {
        await client.request({ method: "eth_sendRawTransaction", params: [bytesToHex(raw)] });
        return null;
      } catch (cause) {
        return shortReason(cause);
      }
    },
    statusOf: async (hash) => {
      const receipt = await client
        .getTransactionReceipt({ hash: bytesToHex(hash) })
        .catch((cause) =>
          cause instanceof TransactionReceiptNotFoundError
            ? null
            : chainError("getTransactionReceipt")(cause),
        );
      if (receipt !== null) {
        return {
          type: "mined",
          succeeded: receipt.status === "success",
          blockNumber: receipt.blockNumber,
          blockHash: hexToBytes(receipt.blockHash),
        };
      }
      const known = await client
        .getTransaction({ hash: bytesToHex(hash) })
        .catch((cause) =>
          cause instanceof TransactionNotFoundError ? null : chainError("getTransaction")(cause),
        );
      return { type: known === null ? "unknown" : "pending" };
    },
    usedNonces: async () =>
      BigInt(
        await client
          .getTransactionCount({ address: account.address, blockTag: "latest" })
          .catch(chainError("getTransactionCount")),
      ),
    fetch: async (hash) => {
      const found = await client
        .getTransaction({ hash: bytesToHex(hash) })
        .catch(chainError("getTransaction"));
      const { r, s, v, yParity, input: data, to, gas, nonce, value } = found;
      const signature: Signature =
        found.type === "legacy" ? { r, s, v } : { r, s, yParity: yParity ?? Number(v) };
      const fees: Fees =
        found.type === "eip1559"
          ? {
              type: "eip1559",
              maxFeePerGas: found.maxFeePerGas,
              maxPriorityFeePerGas: found.maxPriorityFeePerGas,
            }
          : { type: "legacy", gasPrice: found.gasPrice ?? 0n };
      const call = { to, data, gas, nonce, value, chainId: Number(chainId) };
      const raw = serializeTransaction({ ...call, ...fees }, signature);
      return { ...signed(raw, nonce), transactionHash: hash };
    },
  };
}

function signed(raw: Hex, nonce: number): SignedTransaction {
  return {
    nonce: BigInt(nonce),
    rawTransaction: hexToBytes(raw),
    transactionHash: hexToBytes(keccak256(raw)),
  };
}

function feesOf(sent: ReturnType<typeof parseTransaction>): Fees {
  return sent.maxFeePerGas === undefined
    ? { type: "legacy", gasPrice: sent.gasPrice ?? 0n }
    : {
        type: "eip1559",
        maxFeePerGas: sent.maxFeePerGas,
        maxPriorityFeePerGas: sent.maxPriorityFeePerGas ?? 0n,
      };
}
