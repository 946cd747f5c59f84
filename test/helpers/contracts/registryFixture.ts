import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Signer } from "ethers";
import { checkpointAnchorAbi } from "../../../protocol/abi/checkpointAnchor.generated.ts";
import { provenanceRegistryAbi } from "../../../protocol/abi/provenanceRegistry.generated.ts";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../../protocol/bytes.ts";
import { dataId, nameHash, namespaceId } from "../../../protocol/dataset.ts";
import { keccak256 } from "../../../protocol/hash.ts";
import { encodeOperation } from "../../../protocol/operation.ts";
import { NO_PARENTS_HASH, parentsHash, sortParents } from "../../../protocol/parents.ts";
import {
  type ProvenanceRecord,
  type RecordDomain,
  recordHash,
  recordTypedData,
} from "../../../protocol/record.ts";
import { type TypedContract, typedContract } from "./typedContract.ts";

export const NAMESPACE = "git+https://example.com/atlas";
export const NAMESPACE_ID = namespaceId(NAMESPACE);

export type Registry = TypedContract<typeof provenanceRegistryAbi>;
export type Anchor = TypedContract<typeof checkpointAnchorAbi>;

/** All fields of a submission, as the contract takes them. */
export type Submission = {
  readonly record: ProvenanceRecord;
  readonly parents: readonly Hex[];
  readonly agent: Hex;
  readonly signature: Hex;
  readonly namespaceId: Hex;
  readonly nameHash: Hex;
  readonly name: string;
};

/** What a test wants to be different from the plain next record of a dataset. */
export type RecordChanges = Partial<Omit<ProvenanceRecord, "operation">> & {
  readonly operation?: string;
  readonly parents?: readonly Hex[];
};

export type RegistryFixture = Awaited<ReturnType<typeof deployRegistry>>;

/** Digest that stands for the data of a test: `keccak256` of a text. */
export function digest(text: string): Hex {
  return bytesToHex(keccak256(utf8(text)));
}

export function addressOf(signer: HardhatEthersSigner): Hex {
  return signer.address.toLowerCase() as Hex;
}

/**
 * Deploys AccessManager, registry and anchor, and registers {@link NAMESPACE} to `owner`.
 *
 * @example
 * const { ethers, networkHelpers } = await network.create();
 * const { registry, owner } = await networkHelpers.loadFixture(() => deployRegistry(ethers));
 */
export async function deployRegistry(ethers: HardhatEthers) {
  const [admin, owner, writer, stranger, relayer, ...others] = await ethers.getSigners();
  if (!admin || !owner || !writer || !stranger || !relayer) throw new Error("too few signers");
  const manager = await ethers.deployContract("AccessManager", [admin.address]);
  const authority = await manager.getAddress();
  const registry = typedContract(
    await ethers.deployContract("ProvenanceRegistry", [authority]),
    provenanceRegistryAbi,
  );
  const anchor = typedContract(
    await ethers.deployContract("CheckpointAnchor", [authority]),
    checkpointAnchorAbi,
  );
  const domain: RecordDomain = {
    chainId: (await ethers.provider.getNetwork()).chainId,
    registry: (await registry.getAddress()).toLowerCase() as Hex,
  };
  await registry.connect(owner).registerNamespace(NAMESPACE);

  /** The next record of a dataset, whose owner is `owner` unless said otherwise. */
  async function nextRecord(id: Hex, changes: RecordChanges = {}): Promise<ProvenanceRecord> {
    const { operation = "TRANSFORM", parents = [], ...fields } = changes;
    return {
      dataId: id,
      dataHash: digest("data"),
      previousHash: await registry.getLatestHash(id),
      parentsHash: parents.length === 0 ? NO_PARENTS_HASH : parentsHash(sortParents(parents)),
      operation: encodeOperation(operation),
      metadataHash: ZERO_HASH,
      dataOwner: addressOf(owner as HardhatEthersSigner),
      timestamp: BigInt((await ethers.provider.getBlock("latest"))?.timestamp ?? 0),
      ...fields,
    };
  }

  /** A submission that starts the dataset `name`, acted and sent by the owner. */
  async function startSubmission(name: string, changes: RecordChanges = {}): Promise<Submission> {
    const id = dataId(NAMESPACE_ID, name);
    return {
      record: await nextRecord(id, { operation: "CREATE", ...changes }),
      parents: sortParents(changes.parents ?? []),
      agent: addressOf(owner as HardhatEthersSigner),
      signature: "0x",
      namespaceId: NAMESPACE_ID,
      nameHash: nameHash(name),
      name,
    };
  }

  /** Starts the dataset `name` and returns its id and its first record. */
  async function startDataset(name: string, changes: RecordChanges = {}) {
    const submission = await startSubmission(name, changes);
    await (await registry.connect(owner).submit(submission)).wait();
    return {
      id: submission.record.dataId,
      record: submission.record,
      hash: recordHash(domain, submission.record),
    };
  }

  /** Records the next step of a dataset as `owner`. */
  async function append(id: Hex, changes: RecordChanges = {}) {
    const record = await nextRecord(id, changes);
    await (await registry.connect(owner).recordProvenance(record, sortParents(changes.parents ?? []))).wait();
    return { record, hash: recordHash(domain, record) };
  }

  /** Signs a record as typed data, through the provider as a wallet would. */
  async function signRecord(signer: Signer, record: ProvenanceRecord, under = domain): Promise<Hex> {
    const data = recordTypedData(under, record);
    const types = { ProvenanceRecord: [...data.types.ProvenanceRecord] };
    return (await signer.signTypedData(data.domain, types, data.message)) as Hex;
  }

  return {
    ethers,
    admin,
    owner,
    writer,
    stranger,
    relayer,
    others,
    manager,
    registry,
    anchor,
    domain,
    nextRecord,
    startSubmission,
    startDataset,
    append,
    signRecord,
  };
}
