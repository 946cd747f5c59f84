import type { Account, PublicClient, TransactionReceipt, WalletClient } from "viem";
import { TransactionReceiptNotFoundError } from "viem";
import type { Hex } from "../../protocol/bytes.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { toStemmaError } from "./toStemmaError.ts";

export type TransactionCall = { readonly to: Hex; readonly data: Hex; readonly gas: bigint };

/** Sends transactions of one account. Nonces are given out here, so that several can be in flight. */
export type TransactionSender = {
  readonly account: Account;
  /** Gas that the call would use now. @throws every contract error, RPC_UNAVAILABLE, FUNDS_MISSING */
  readonly estimateGas: (call: { readonly to: Hex; readonly data: Hex }) => Promise<bigint>;
  /** Hands the transaction to the node and returns its hash at once. Calls are sent in the order in which they were made. */
  readonly send: (call: TransactionCall) => Promise<Hex>;
  /** Waits for the receipt. @throws the contract's error where the call was refused, TRANSACTION_TIMEOUT */
  readonly wait: (transactionHash: Hex, call: TransactionCall) => Promise<TransactionReceipt>;
};

export type SenderOptions = {
  readonly rpcUrl: string;
  readonly pollingIntervalMs: number;
  readonly timeoutMs: number;
};

/** A sender for one account. It expects to be the only one that uses the account's nonces. */
export function createSender(
  node: { readonly publicClient: PublicClient; readonly wallet: WalletClient; readonly account: Account },
  options: SenderOptions,
): TransactionSender {
  const { publicClient, wallet, account } = node;
  const state: { nextNonce: number | null; queue: Promise<unknown> } = {
    nextNonce: null,
    queue: Promise.resolve(),
  };
  const coded = (error: unknown) => toStemmaError(error, options.rpcUrl, account.address);

  const sendNow = async (call: TransactionCall): Promise<Hex> => {
    const nonce =
      state.nextNonce ??
      (await publicClient.getTransactionCount({ address: account.address, blockTag: "pending" }));
    try {
      const hash = await wallet.sendTransaction({ account, chain: null, ...call, nonce });
      state.nextNonce = nonce + 1;
      return hash;
    } catch (error) {
      // Whether the nonce was used is known to the node only: development nodes mine a refused transaction, others drop it.
      state.nextNonce = null;
      throw error;
    }
  };

  return {
    account,
    estimateGas: async ({ to, data }) => {
      try {
        return await publicClient.estimateGas({ account, to, data });
      } catch (error) {
        throw coded(error);
      }
    },
    send: (call) => {
      const sent = state.queue.then(() => sendNow(call)).catch((error) => Promise.reject(coded(error)));
      state.queue = sent.catch(() => undefined);
      return sent;
    },
    wait: async (transactionHash, call) => {
      const deadline = performance.now() + options.timeoutMs;
      for (;;) {
        const receipt = await findReceipt(publicClient, transactionHash).catch((error) =>
          Promise.reject(coded(error)),
        );
        if (receipt?.status === "success") return receipt;
        if (receipt?.status === "reverted") throw await reasonOf(publicClient, account, call, receipt, coded);
        if (performance.now() > deadline) {
          throw new StemmaError("TRANSACTION_TIMEOUT", {
            transactionHash,
            seconds: options.timeoutMs / 1000,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, options.pollingIntervalMs));
      }
    },
  };
}

async function findReceipt(publicClient: PublicClient, hash: Hex): Promise<TransactionReceipt | null> {
  try {
    return await publicClient.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return null;
    throw error;
  }
}

/** A receipt doesn't say why: the same call, on the state that the transaction left, fails for the same reason. */
async function reasonOf(
  publicClient: PublicClient,
  account: Account,
  call: TransactionCall,
  receipt: TransactionReceipt,
  coded: (error: unknown) => unknown,
): Promise<unknown> {
  try {
    await publicClient.call({ account, to: call.to, data: call.data, blockNumber: receipt.blockNumber });
  } catch (error) {
    return coded(error);
  }
  return new StemmaError("TRANSACTION_REVERTED", { transactionHash: receipt.transactionHash });
}
