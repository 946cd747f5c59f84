import { createStemmaClient, hashFile } from "../../client/index.ts";
import { ZERO_HASH } from "../../protocol/bytes.ts";
import { dataId, namespaceId } from "../../protocol/dataset.ts";
import { StemmaError } from "../../protocol/errors.ts";
import { accountFromEnvironment } from "./account.ts";
import type { ExitCode } from "./exit.ts";
import { say, sayJson } from "./print.ts";
import { deploymentOf, hexFlag, rpcUrlOf, type TargetFlags } from "./target.ts";

export type RecordFlags = TargetFlags & {
  readonly namespace: string;
  readonly name: string;
  readonly file?: string;
  readonly hash?: string;
  readonly operation?: string;
  readonly parent?: readonly string[];
  readonly metadataHash?: string;
  readonly register?: boolean;
  readonly privateName?: boolean;
  readonly json?: boolean;
};

/** `stemma record`: hashes a file, starts its dataset where that has not happened, signs and submits. */
export async function record(flags: RecordFlags): Promise<ExitCode> {
  if ((flags.file === undefined) === (flags.hash === undefined)) {
    throw new StemmaError("USAGE", { problem: "Give either --file or --hash" });
  }
  const account = accountFromEnvironment(process.env);
  const client = createStemmaClient({ rpcUrl: rpcUrlOf(flags), deployment: deploymentOf(flags), account });
  const dataHash =
    flags.file === undefined ? hexFlag(flags.hash ?? "", "--hash", 32) : await hashFile(flags.file);
  if (flags.register) await registerOnce(client, flags.namespace);
  const { namespace, name } = flags;
  const prepared = await client.prepareRecord({
    namespace,
    name,
    dataHash,
    operation: flags.operation ?? (await usualOperation(client, namespace, name)),
    parents: (flags.parent ?? []).map((parent) => hexFlag(parent, "--parent", 32)),
    publishName: flags.privateName !== true,
    ...(flags.metadataHash === undefined
      ? {}
      : { metadataHash: hexFlag(flags.metadataHash, "--metadata-hash", 32) }),
  });
  const { transactionHash, blockNumber } = await client.submitRecord(prepared);
  const { recordHash, record: fields } = prepared;
  if (flags.json) {
    sayJson({
      recordHash,
      dataId: fields.dataId,
      dataHash,
      transactionHash,
      blockNumber,
      started: prepared.start !== null,
    });
    return 0;
  }
  say(`${prepared.start === null ? "Recorded in" : "Started"} ${namespace} / ${name}`);
  say(`  record       ${recordHash}`);
  say(`  dataset      ${fields.dataId}`);
  say(`  data         ${dataHash}`);
  say(`  transaction  ${transactionHash} in block ${blockNumber}`);
  say(`Its proof, once it is anchored:  npm run stemma -- proof ${recordHash} -o proof.json`);
  return 0;
}

/** CREATE for a dataset that starts, TRANSFORM for one that goes on. */
async function usualOperation(
  client: ReturnType<typeof createStemmaClient>,
  namespace: string,
  name: string,
): Promise<string> {
  const head = await client.getLatestHash({ dataId: dataId(namespaceId(namespace), name) });
  return head === ZERO_HASH ? "CREATE" : "TRANSFORM";
}

async function registerOnce(client: ReturnType<typeof createStemmaClient>, namespace: string): Promise<void> {
  const { owner } = await client.namespaceOwner({ namespaceId: namespaceId(namespace) });
  if (BigInt(owner) === 0n) await client.registerNamespace({ namespace });
}
