import type { Hex } from "../../../protocol/bytes.ts";
import { isStemmaError, StemmaError } from "../../../protocol/errors.ts";
import { qbftBlockHash, qbftQuorum, verifyCommittedSeals } from "../../../protocol/qbft.ts";
import type { NodeHeader } from "../header.ts";
import { toQuantity } from "../quantity.ts";
import type { Rpc, RpcCall } from "../rpc.ts";
import { resultOf } from "../rpc.ts";
import type { FinalityDriver } from "./driver.ts";

const ADDRESS = /^0x[0-9a-f]{40}$/i;

/**
 * A block is final when it is imported, which its header proves: it carries the commit seals of a quorum of its validators. Every
 * earlier block is final with it, since it commits to them.
 */
export function createQbftFinality(dependencies: { readonly rpc: Rpc }): FinalityDriver {
  async function prove(head: NodeHeader, signal: AbortSignal): Promise<void> {
    const { number } = head.header;
    // Genesis is agreed on beforehand and carries no seals.
    if (number === 0n) return;
    const call = validatorsOf(number);
    const [reply] = (await dependencies.rpc.batch([call], signal)).replies;
    const validators = readValidators(resultOf(reply, call.method));
    const unproven = (valid: number, quorum: number, cause?: unknown) =>
      new StemmaError("FINALITY_UNPROVEN", { block: number, valid, quorum }, { cause });
    try {
      const { ok, signers, quorum } = verifyCommittedSeals(head.fields, validators);
      const isItself = qbftBlockHash(head.fields).toLowerCase() === head.hash;
      if (!ok || !isItself) throw unproven(isItself ? signers.length : 0, quorum);
    } catch (cause) {
      // A header that can't even be read proves nothing either.
      throw isStemmaError(cause, "FINALITY_UNPROVEN")
        ? cause
        : unproven(0, qbftQuorum(validators.length), cause);
    }
  }
  return {
    name: "qbft",
    async finalBlock(head, signal) {
      await prove(head, signal);
      return { number: head.header.number, hash: head.hash };
    },
    prove,
  };
}

/** True where the node answers for QBFT. @throws RPC_UNREACHABLE */
export async function speaksQbft(rpc: Rpc, signal?: AbortSignal): Promise<boolean> {
  const call = { method: "qbft_getValidatorsByBlockNumber", params: ["latest"] };
  const [reply] = (await rpc.batch([call], signal)).replies;
  return reply !== undefined && "result" in reply && Array.isArray(reply.result);
}

function validatorsOf(number: bigint): RpcCall {
  return { method: "qbft_getValidatorsByBlockNumber", params: [toQuantity(number)] };
}

function readValidators(answer: unknown): Hex[] {
  const isList = Array.isArray(answer) && answer.length > 0;
  if (!isList || !answer.every((item) => typeof item === "string" && ADDRESS.test(item))) {
    throw new StemmaError("RPC_REPLY_INVALID", {
      method: "qbft_getValidatorsByBlockNumber",
      problem: "not a list of addresses",
    });
  }
  return answer as Hex[];
}
