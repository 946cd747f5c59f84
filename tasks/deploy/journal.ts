import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { trackTransaction } from "@nomicfoundation/ignition-core";
import type { EthereumProvider } from "hardhat/types/providers";
import type { Address, PublicClient } from "viem";
import { z } from "zod";
import type { Hex } from "../../protocol/bytes.ts";
import { writeFileAtomically } from "./files.ts";

const messageSchema = z.looseObject({
  type: z.string(),
  futureId: z.string().optional(),
  networkInteractionId: z.number().optional(),
  nonce: z.number().optional(),
});

const addressesSchema = z.record(
  z.string(),
  z.string().transform((text) => text as Address),
);

/** Addresses of the contracts that Ignition's journal knows as deployed. */
export function deployedAddresses(journal: string): Record<string, Address> {
  const file = join(journal, "deployed_addresses.json");
  if (!existsSync(file)) return {};
  return addressesSchema.parse(JSON.parse(readFileSync(file, "utf8")));
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
  const nonces = unrecordedNonces(join(journal, "journal.jsonl"));
  if (nonces.size === 0) return 0;
  let adopted = 0;
  for (const hash of await findTransactions(client, sender, nonces, BigInt(fromBlock))) {
    await trackTransaction(journal, hash, provider, 1);
    adopted++;
  }
  return adopted;
}

/** Nonces for which the journal has a prepared transaction, but none that was sent. */
function unrecordedNonces(file: string): Set<number> {
  if (!existsSync(file)) return new Set();
  const prepared = new Map<string, number>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const message = parseLine(line);
    if (message === undefined) continue;
    const key = `${message.futureId}/${message.networkInteractionId}`;
    if (message.type === "TRANSACTION_PREPARE_SEND" && message.nonce !== undefined)
      prepared.set(key, message.nonce);
    if (message.type === "TRANSACTION_SEND") prepared.delete(key);
  }
  return new Set(prepared.values());
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
  const found: Hex[] = [];
  const head = await client.getBlockNumber({ cacheTime: 0 });
  for (let blockNumber = head; blockNumber >= fromBlock && found.length < nonces.size; blockNumber--) {
    const block = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const transaction of block.transactions) {
      const isOurs = transaction.from.toLowerCase() === sender.toLowerCase() && nonces.has(transaction.nonce);
      if (isOurs) found.push(transaction.hash);
    }
  }
  return found;
}

/** Drops a last line that a crash cut off: Ignition refuses to read a journal with one. */
export function repairJournal(journal: string): void {
  const file = join(journal, "journal.jsonl");
  if (!existsSync(file)) return;
  const lines = readFileSync(file, "utf8").split("\n");
  const last = lines.at(-1) ?? "";
  if (last.trim() !== "" && parseLine(last) === undefined) {
    writeFileAtomically(file, lines.slice(0, -1).join("\n"));
  }
}
