import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { trackTransaction } from "@nomicfoundation/ignition-core";
import type { EthereumProvider } from "hardhat/types/providers";
import type { Address, PublicClient } from "viem";
import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { writeFileAtomically } from "./files.ts";

const journalFile = "journal.jsonl";

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
  const nonces = unrecordedNonces(journal);
  if (nonces.size === 0) return 0;
  let adopted = 0;
  for (const hash of await findTransactions(client, sender, nonces, BigInt(fromBlock))) {
    await trackTransaction(journal, hash, provider, 1);
    adopted++;
  }
  return adopted;
}

/** Nonces for which the journal has a prepared transaction, but none that was sent. */
function unrecordedNonces(folder: string): Set<number> {
  const prepared = new Map<string, number>();
  for (const message of readMessages(folder)) {
    const key = `${message.futureId}/${message.networkInteractionId}`;
    if (message.type === "TRANSACTION_PREPARE_SEND" && message.nonce !== undefined)
      prepared.set(key, message.nonce);
    if (message.type === "TRANSACTION_SEND") prepared.delete(key);
  }
  return new Set(prepared.values());
}

function readMessages(folder: string): z.infer<typeof messageSchema>[] {
  const file = join(folder, journalFile);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.map(parseLine).filter((message) => message !== undefined);
}

function parseLine(line: string): z.infer<typeof messageSchema> | undefined {
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

/** Drops a last line that a crash cut off: Ignition refuses to read a journal with one. */
export function repairJournal(folder: string): void {
  const file = join(folder, journalFile);
  if (!existsSync(file)) return;
  const lines = readFileSync(file, "utf8").split("\n");
  const last = lines.at(-1) ?? "";
  if (last.trim() !== "" && parseLine(last) === undefined) {
    writeFileAtomically(file, lines.slice(0, -1).join("\n"));
  }
}
