import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { trackTransaction } from "@nomicfoundation/ignition-core";
import type { EthereumProvider } from "hardhat/types/providers";
import type { Address, PublicClient } from "viem";
import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { writeFileAtomically } from "./files.ts";

const journalFile = "journal.jsonl";

/** What Ignition begins whose next step is always a request to send something. */
const startsWithInteraction = new Set([
  "DEPLOYMENT_EXECUTION_STATE_INITIALIZE",
  "CALL_EXECUTION_STATE_INITIALIZE",
]);

const messageSchema = z.looseObject({
  type: z.string(),
  futureId: z.string().optional(),
  networkInteractionId: z.number().optional(),
  nonce: z.number().optional(),
  result: z
    .looseObject({
      address: z
        .string()
        .transform((text) => text.toLowerCase() as Address)
        .optional(),
    })
    .optional(),
});

type Message = z.infer<typeof messageSchema>;

/** Addresses of the contracts that the journal in `folder` knows as deployed, by the names of their futures. */
export function deployedAddresses(folder: string): Record<string, Address> {
  const addresses: Record<string, Address> = {};
  for (const { type, futureId, result } of readMessages(folder)) {
    const isDeployed = type === "DEPLOYMENT_EXECUTION_STATE_COMPLETE" && futureId !== undefined;
    if (isDeployed && result?.address !== undefined) addresses[futureId] = result.address;
  }
  return addresses;
}

/**
 * Tells Ignition of transactions that were sent although it could no longer note their hashes, because the process was killed
 * in between. Without this it would deploy again, or fail at a call that the chain has already seen. Returns how many it found.
 */
export async function adoptUnrecordedTransactions(
  journal: string,
  sender: Address,
  fromBlock: number,
  client: PublicClient,
  provider: EthereumProvider,
): Promise<number> {
  const nonces = new Set(unrecordedLines(journal).values());
  if (nonces.size === 0) return 0;
  let adopted = 0;
  for (const hash of await findTransactions(client, sender, nonces, BigInt(fromBlock))) {
    await trackTransaction(journal, hash, provider, 1);
    adopted++;
  }
  return adopted;
}

/**
 * Takes back what was prepared but never sent, because the process was killed in between: Ignition would ask for the hash of a
 * transaction that doesn't exist. It prepares the same nonce again, so that at most one of the two could ever be mined.
 */
export async function forgetUnsentTransactions(
  journal: string,
  sender: Address,
  client: PublicClient,
): Promise<void> {
  const unrecorded = unrecordedLines(journal);
  if (unrecorded.size === 0) return;
  const nextNonce = await client.getTransactionCount({ address: sender, blockTag: "pending" });
  const unsent = [...unrecorded].filter(([, nonce]) => nonce >= nextNonce).map(([index]) => index);
  keepLines(journal, (_, index) => !unsent.includes(index));
}

/** Lines of the journal with a prepared transaction for which none was sent: their numbers, and the nonces. */
function unrecordedLines(folder: string): Map<number, number> {
  const prepared = new Map<string, [index: number, nonce: number]>();
  for (const [index, line] of readLines(folder).entries()) {
    const message = parseLine(line);
    if (message === undefined) continue;
    const key = `${message.futureId}/${message.networkInteractionId}`;
    if (message.type === "TRANSACTION_PREPARE_SEND" && message.nonce !== undefined)
      prepared.set(key, [index, message.nonce]);
    if (message.type === "TRANSACTION_SEND") prepared.delete(key);
  }
  return new Map(prepared.values());
}

function readLines(folder: string): string[] {
  const file = join(folder, journalFile);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
}

function keepLines(folder: string, isKept: (line: string, index: number) => boolean): void {
  const lines = readLines(folder);
  const kept = lines.filter(isKept);
  if (kept.length < lines.length) writeFileAtomically(join(folder, journalFile), kept.join("\n"));
}

function readMessages(folder: string): Message[] {
  return readLines(folder)
    .map(parseLine)
    .filter((message) => message !== undefined);
}

function parseLine(line: string): Message | undefined {
  try {
    return messageSchema.parse(JSON.parse(line));
  } catch {
    // The last line of a killed process may be cut off.
    return undefined;
  }
}

async function findTransactions(
  client: PublicClient,
  sender: Address,
  nonces: ReadonlySet<number>,
  fromBlock: bigint,
): Promise<Hex[]> {
  const ours = (transactions: readonly { from: Address; nonce: number; hash: Hex }[]) =>
    transactions
      .filter(({ from, nonce }) => from.toLowerCase() === sender.toLowerCase() && nonces.has(nonce))
      .map(({ hash }) => hash);
  // Not every node shows what waits to be mined; then Ignition asks to wait, and the next run finds it in a block.
  const pending = await client.getBlock({ blockTag: "pending", includeTransactions: true }).catch(() => null);
  const found = new Set(ours(pending?.transactions ?? []));
  const head = await client.getBlockNumber({ cacheTime: 0 });
  for (let blockNumber = head; blockNumber >= fromBlock && found.size < nonces.size; blockNumber--) {
    const block = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const hash of ours(block.transactions)) found.add(hash);
  }
  return [...found];
}

/**
 * Makes a journal that a crash left readable for Ignition again: drops a last line that was cut off, and what was begun without
 * anything done, which Ignition can't go on with but begins anew.
 */
export function repairJournal(folder: string): void {
  const lines = readLines(folder);
  const messages = lines.map(parseLine);
  const withInteraction = new Set(
    messages
      .filter((message) => message?.type === "NETWORK_INTERACTION_REQUEST")
      .map((message) => message?.futureId),
  );
  keepLines(folder, (line, index) => {
    const message = messages[index];
    if (message === undefined) return line.trim() === "" || index < lines.length - 1;
    return !startsWithInteraction.has(message.type) || withInteraction.has(message.futureId);
  });
}
