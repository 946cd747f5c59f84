import {
  type Account,
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  type PublicClient,
} from "viem";
import { checkpointAnchorAbi as abi } from "../../protocol/abi/checkpointAnchor.generated.ts";
import { bytesToHex, hexToBytes, ZERO_HASH } from "../../protocol/bytes.ts";
import { chainError } from "./chainError.ts";

/** The newest checkpoint of the log that the contract holds; size zero where it holds none. */
export type AnchoredCheckpoint = { readonly size: bigint; readonly epoch: bigint; readonly root: Uint8Array };

/** A call of `CheckpointAnchor.anchor`. */
export type AnchorCall = {
  readonly epoch: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** RFC 9162 consistency proof from the last anchored size; empty for the first anchor. */
  readonly proof: readonly Uint8Array[];
};

/** Where the chain holds an anchor. */
export type AnchorPlace = {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
};

/** A revert of the contract: the name of its custom error and the error's values. */
export type Refusal = { readonly error: string; readonly values: readonly unknown[] };

/** What the anchor room asks of the CheckpointAnchor contract, at the node's latest block. */
export type AnchorContract = {
  readonly address: Hex;
  readonly logId: Hex;
  readonly latest: () => Promise<AnchoredCheckpoint>;
  readonly operator: () => Promise<Hex>;
  /** Root anchored for exactly this size, or null. */
  readonly rootAt: (size: bigint) => Promise<Uint8Array | null>;
  /** The block and transaction that anchored this size, or null. */
  readonly find: (size: bigint) => Promise<AnchorPlace | null>;
  readonly encode: (call: AnchorCall) => Hex;
  /** What the contract would answer now: null where it accepts the call. */
  readonly refusalOf: (call: AnchorCall, account: Account) => Promise<Refusal | null>;
};

/**
 * Binds the contract for one log.
 *
 * @throws (from every call but `encode`) ANCHORING_CHAIN_UNREACHABLE
 */
export function bindAnchorContract(
  client: PublicClient,
  { address, logId, fromBlock }: { address: Hex; logId: Hex; fromBlock: bigint },
): AnchorContract {
  const contract = { address, abi } as const;
  const argumentsOf = ({ epoch, size, root, proof }: AnchorCall) =>
    [logId, epoch, size, bytesToHex(root), proof.map(bytesToHex)] as const;

  return {
    address,
    logId,
    latest: async () => {
      const found = await client
        .readContract({ ...contract, functionName: "latest", args: [logId] })
        .catch(chainError("latest"));
      return { size: found.size, epoch: found.epoch, root: hexToBytes(found.root) };
    },
    operator: () =>
      client
        .readContract({ ...contract, functionName: "operatorOf", args: [logId] })
        .catch(chainError("operatorOf")),
    rootAt: async (size) => {
      const root = await client
        .readContract({ ...contract, functionName: "rootAt", args: [logId, size] })
        .catch(chainError("rootAt"));
      return root === ZERO_HASH ? null : hexToBytes(root);
    },
    find: async (size) => {
      const logs = await client
        .getContractEvents({
          ...contract,
          eventName: "CheckpointAnchored",
          args: { logId, size },
          fromBlock,
          strict: true,
        })
        .catch(chainError("getLogs"));
      const log = logs.at(-1);
      return log === undefined
        ? null
        : { transactionHash: log.transactionHash, blockNumber: log.blockNumber, blockHash: log.blockHash };
    },
    encode: (call) => encodeFunctionData({ abi, functionName: "anchor", args: argumentsOf(call) }),
    refusalOf: async (call, account) => {
      try {
        await client.simulateContract({
          ...contract,
          functionName: "anchor",
          args: argumentsOf(call),
          account,
        });
        return null;
      } catch (cause) {
        const revert =
          cause instanceof BaseError && cause.walk((error) => error instanceof ContractFunctionRevertedError);
        if (!(revert instanceof ContractFunctionRevertedError)) return chainError("call")(cause);
        return {
          error: revert.data?.errorName ?? revert.reason ?? revert.signature ?? "a revert without a reason",
          values: revert.data?.args ?? [],
        };
      }
    },
  };
}
