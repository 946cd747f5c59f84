import type { Hex as ViemHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { developmentAccounts } from "../../cluster/targets/developmentAccounts.ts";
import { provenanceRegistryAbi as abi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../protocol/bytes.ts";
import { dataIdOf, nameHash, namespaceId } from "../../protocol/dataset.ts";
import { endorsementTypedData } from "../../protocol/endorsement.ts";
import { sha256 } from "../../protocol/hash.ts";
import { encodeOperation } from "../../protocol/operation.ts";
import { parentsHash, sortParents } from "../../protocol/parents.ts";
import { type ProvenanceRecord, recordHash, recordTypedData } from "../../protocol/record.ts";
import type { TestDeployment } from "./deploy.ts";

/** A record that the ledger made, with all that a proof of it needs. */
export type LedgerRecord = {
  readonly record: ProvenanceRecord;
  readonly parents: readonly Hex[];
  readonly hash: Hex;
};

export type RecordRequest = {
  /** Name of the dataset in the ledger's namespace; it starts where it doesn't exist. */
  readonly name: string;
  readonly operation?: string;
  readonly parents?: readonly Hex[];
  readonly data?: string;
};

/** Writes every kind of history to a registry, as the first development account. It keeps the heads, so it asks the chain little. */
export type Ledger = {
  readonly namespace: string;
  readonly records: readonly LedgerRecord[];
  /** One transaction with all of them, in order. At most 256. */
  readonly batch: (requests: readonly RecordRequest[]) => Promise<readonly LedgerRecord[]>;
  /** One record of an existing dataset, sent by the agent itself. */
  readonly direct: (request: RecordRequest) => Promise<LedgerRecord>;
  /** One record that a writer signed and the owner submitted. */
  readonly signed: (request: RecordRequest) => Promise<LedgerRecord>;
  readonly access: (target: LedgerRecord) => Promise<void>;
  /** Sets a policy of 2 of 2 validators for a dataset. */
  readonly policy: (name: string) => Promise<void>;
  /** Signatures of both validators over a record, in one call. */
  readonly endorse: (target: LedgerRecord) => Promise<void>;
  /** A bit of everything: 11 entries of the log, 9 of them records. */
  readonly everything: (prefix: string) => Promise<readonly LedgerRecord[]>;
  /** Forgets everything since: for after a reorg. */
  readonly mark: () => () => void;
};

const GAS = 16_000_000n;
/** Gas of a batch is set, not estimated: an estimate costs the embedded chain as much as the call. */
const NO_NAME = { namespaceId: ZERO_HASH, nameHash: ZERO_HASH, name: "" } as const;

/** Registers a namespace and gives the means to write into it. */
export async function createLedger(
  { publicClient, deployerWallet, registry, chainId }: TestDeployment,
  { namespace = "example.com/ledger", timestamp }: { namespace?: string; timestamp?: bigint } = {},
): Promise<Ledger> {
  const domain = { chainId, registry };
  const accounts = developmentAccounts(5).map((account) => privateKeyToAccount(account.privateKey));
  const validators = accounts.slice(3);
  const writer = accounts[2];
  if (writer === undefined) throw new Error("no writer account");
  const { address: writerAddress, signTypedData } = writer;
  const owner = bytesToHex(Buffer.from(deployerWallet.account.address.slice(2), "hex"));
  const contract = { address: registry, abi, account: deployerWallet.account, chain: deployerWallet.chain };
  const namespaceKey = namespaceId(namespace);
  const now = timestamp ?? (await publicClient.getBlock()).timestamp;
  let heads = new Map<string, Hex>();
  let records: LedgerRecord[] = [];

  async function mined(hash: ViemHex): Promise<void> {
    const receipt = await publicClient.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} failed`);
  }

  function prepare({ name, operation, parents = [], data }: RecordRequest): LedgerRecord & { name: string } {
    const dataId = dataIdOf(namespaceKey, nameHash(name));
    const previousHash = heads.get(name) ?? ZERO_HASH;
    const sorted = sortParents(parents);
    const record: ProvenanceRecord = {
      dataId,
      dataHash: bytesToHex(sha256(utf8(data ?? `${name} ${records.length}`))),
      previousHash,
      parentsHash: parentsHash(sorted),
      operation: encodeOperation(operation ?? (previousHash === ZERO_HASH ? "CREATE" : "TRANSFORM")),
      metadataHash: ZERO_HASH,
      dataOwner: owner,
      timestamp: now,
    };
    const made = { name, record, parents: sorted, hash: recordHash(domain, record) };
    heads.set(name, made.hash);
    records.push(made);
    return made;
  }

  async function batch(requests: readonly RecordRequest[]): Promise<readonly LedgerRecord[]> {
    const made = requests.map(prepare);
    const submissions = made.map(({ name, record, parents }) => ({
      record,
      parents,
      agent: owner,
      signature: "0x" as const,
      ...(record.previousHash === ZERO_HASH
        ? { namespaceId: namespaceKey, nameHash: nameHash(name), name }
        : NO_NAME),
    }));
    await mined(
      await deployerWallet.writeContract({
        ...contract,
        functionName: "submitBatch",
        args: [submissions],
        gas: GAS,
      }),
    );
    return made;
  }

  async function direct(request: RecordRequest): Promise<LedgerRecord> {
    const made = prepare(request);
    await mined(
      await deployerWallet.writeContract({
        ...contract,
        functionName: "recordProvenance",
        args: [made.record, made.parents],
      }),
    );
    return made;
  }

  async function signed(request: RecordRequest): Promise<LedgerRecord> {
    const made = prepare(request);
    const signature = await signTypedData(recordTypedData(domain, made.record));
    await mined(
      await deployerWallet.writeContract({
        ...contract,
        functionName: "recordProvenanceSigned",
        args: [made.record, made.parents, writerAddress, signature],
      }),
    );
    return made;
  }

  async function access({ hash, record }: LedgerRecord): Promise<void> {
    const report = {
      dataId: record.dataId,
      recordHash: hash,
      reader: bytesToHex(sha256(utf8("reader"))),
      purpose: encodeOperation("RESEARCH"),
      metadataHash: ZERO_HASH,
      timestamp: now,
    };
    await mined(
      await deployerWallet.writeContract({ ...contract, functionName: "recordAccesses", args: [[report]] }),
    );
  }

  async function policy(name: string): Promise<void> {
    const dataId = dataIdOf(namespaceKey, nameHash(name));
    const addresses = validators.map(({ address }) => address);
    await mined(
      await deployerWallet.writeContract({
        ...contract,
        functionName: "setEndorsementPolicy",
        args: [dataId, addresses, BigInt(addresses.length)],
      }),
    );
  }

  async function endorse({ hash, record }: LedgerRecord): Promise<void> {
    const endorsements = await Promise.all(
      validators.map(async (validator) => {
        const endorsement = { recordHash: hash, validator: validator.address, policyVersion: 1n };
        const signature = await validator.signTypedData(endorsementTypedData(domain, endorsement));
        return { validator: validator.address, signature };
      }),
    );
    await mined(
      await deployerWallet.writeContract({
        ...contract,
        functionName: "endorse",
        args: [record.dataId, hash, endorsements],
      }),
    );
  }

  async function everything(prefix: string): Promise<readonly LedgerRecord[]> {
    const from = records.length;
    const [first, second] = await batch([{ name: `${prefix}/a` }, { name: `${prefix}/b` }]);
    if (first === undefined || second === undefined) throw new Error("no records");
    await policy(`${prefix}/a`);
    const third = await direct({ name: `${prefix}/a`, parents: [second.hash] });
    await signed({ name: `${prefix}/b` });
    await batch([
      { name: `${prefix}/c`, operation: "DERIVE", parents: [first.hash, second.hash] },
      { name: `${prefix}/c` },
      { name: `${prefix}/c` },
    ]);
    await direct({ name: `${prefix}/c`, operation: "CORRECT" });
    await direct({ name: `${prefix}/b`, operation: "REVOKE" });
    await access(first);
    await endorse(third);
    return records.slice(from);
  }

  await mined(
    await deployerWallet.writeContract({ ...contract, functionName: "registerNamespace", args: [namespace] }),
  );
  await mined(
    await deployerWallet.writeContract({
      ...contract,
      functionName: "setNamespaceWriter",
      args: [namespaceKey, writerAddress, true],
    }),
  );
  return {
    namespace,
    get records() {
      return records;
    },
    batch,
    direct,
    signed,
    access,
    policy,
    endorse,
    everything,
    mark: () => {
      const kept = { heads: new Map(heads), records: [...records] };
      return () => {
        heads = new Map(kept.heads);
        records = [...kept.records];
      };
    },
  };
}
