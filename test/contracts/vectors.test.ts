import { readFileSync } from "node:fs";
import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { provenanceRegistryAbi } from "../../protocol/abi/provenanceRegistry.generated.ts";
import type { Hex } from "../../protocol/bytes.ts";
import type { ProvenanceRecord } from "../../protocol/record.ts";
import { typedContract } from "../helpers/contracts/typedContract.ts";

type RecordVector = {
  readonly chainId: string;
  readonly registry: Hex;
  readonly record: ProvenanceRecord;
  readonly parents: readonly Hex[];
  readonly recordHash: Hex;
};
type AccessVector = {
  readonly reporter: Hex;
  readonly sequence: string;
  readonly accessHash: Hex;
};
type EndorsementVector = {
  readonly recordHash: Hex;
  readonly validator: Hex;
  readonly policyVersion: string;
  readonly endorsementHash: Hex;
};
type WholeTree = {
  readonly leaves: readonly Hex[];
  readonly leafHashes: readonly Hex[];
  readonly roots: readonly Hex[];
  readonly inclusion: readonly {
    readonly index: string;
    readonly size: string;
    readonly path: readonly Hex[];
  }[];
  readonly consistency: readonly {
    readonly fromSize: string;
    readonly toSize: string;
    readonly path: readonly Hex[];
  }[];
};
type TreeVectors = {
  readonly small: WholeTree;
  readonly entries: WholeTree;
  readonly large: readonly {
    readonly index: string;
    readonly size: string;
    readonly leaf: Hex;
    readonly root: Hex;
    readonly path: readonly Hex[];
  }[];
  readonly refusedInclusion: readonly {
    readonly why: string;
    readonly index: string;
    readonly size: string;
    readonly leafHash: Hex;
    readonly root: Hex;
    readonly path: readonly Hex[];
  }[];
  readonly refusedConsistency: readonly {
    readonly why: string;
    readonly fromSize: string;
    readonly fromRoot: Hex;
    readonly toSize: string;
    readonly toRoot: Hex;
    readonly path: readonly Hex[];
  }[];
};

function readVectors<Vectors>(name: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as Vectors;
}

/** The registry as it would be at this address of this chain. */
async function registryAt(chainId: string, address: Hex) {
  const { ethers, networkHelpers } = await network.create({ override: { chainId: Number(chainId) } });
  const manager = await ethers.deployContract("AccessManager", [(await ethers.getSigners())[0]?.address]);
  const deployed = await ethers.deployContract("ProvenanceRegistry", [await manager.getAddress()]);
  await networkHelpers.setCode(address, await ethers.provider.getCode(await deployed.getAddress()));
  return typedContract(await ethers.getContractAt("ProvenanceRegistry", address), provenanceRegistryAbi);
}

const { ethers } = await network.create();
const harness = await ethers.deployContract("LibraryHarness");
const call = (name: string, ...args: readonly unknown[]) => harness.getFunction(name).staticCall(...args);

describe("Shared vectors", () => {
  it("F5: hashes records as the vectors say, on every chain and at every address", async () => {
    const { typeHash, noParentsHash, records } = readVectors<{
      typeHash: Hex;
      noParentsHash: Hex;
      records: RecordVector[];
    }>("record");
    expect(records.length).to.be.greaterThan(3);
    const registries = new Map<string, Awaited<ReturnType<typeof registryAt>>>();
    for (const { chainId, registry: address, record, parents, recordHash } of records) {
      const key = `${chainId}/${address}`;
      const registry = registries.get(key) ?? (await registryAt(chainId, address));
      registries.set(key, registry);
      expect(await registry.hashRecord(record)).to.equal(recordHash);
      expect(await call("parentsHash", parents)).to.equal(record.parentsHash);
      const fields = Object.values(record);
      const structHash = ethers.keccak256(
        ethers.AbiCoder.defaultAbiCoder().encode(
          ["bytes32", ...Array(6).fill("bytes32"), "address", "uint64"],
          [typeHash, ...fields],
        ),
      );
      expect(await call("recordStructHash", record)).to.equal(structHash);
    }
    expect(await call("parentsHash", [])).to.equal(noParentsHash);
  });

  it("hashes access reports and endorsements as the vectors say", async () => {
    const access = readVectors<{ chainId: string; registry: Hex; accesses: AccessVector[] }>("access");
    const registry = await registryAt(access.chainId, access.registry);
    for (const report of access.accesses) {
      expect(await registry.hashAccess(report, report.reporter, report.sequence)).to.equal(report.accessHash);
    }
    const { endorsements } = readVectors<{ endorsements: EndorsementVector[] }>("endorsement");
    for (const { recordHash, validator, policyVersion, endorsementHash } of endorsements) {
      expect(await registry.hashEndorsement(recordHash, validator, policyVersion)).to.equal(endorsementHash);
    }
    expect(access.accesses.length * endorsements.length).to.be.greaterThan(0);
  });

  it("names datasets as the vectors say", async () => {
    const { datasets } = readVectors<{ datasets: { namespaceId: Hex; nameHash: Hex; dataId: Hex }[] }>(
      "dataset",
    );
    expect(datasets.length).to.be.greaterThan(0);
    for (const { namespaceId, nameHash, dataId } of datasets) {
      expect(await call("dataId", namespaceId, nameHash)).to.equal(dataId);
    }
  });

  it("F10: takes and refuses operations as the vectors say", async () => {
    const { operations, refused } = readVectors<{ operations: { word: Hex }[]; refused: Hex[] }>("operation");
    expect(operations.length * refused.length).to.be.greaterThan(0);
    for (const { word } of operations) expect(await call("isValidOperation", word), word).to.equal(true);
    for (const word of refused) expect(await call("isValidOperation", word), word).to.equal(false);
  });

  const tree = readVectors<TreeVectors>("tree");
  for (const name of ["small", "entries"] as const) {
    it(`F16: accepts every inclusion and consistency proof of the tree "${name}"`, async () => {
      const { leaves, leafHashes, roots, inclusion, consistency } = tree[name];
      for (const [index, leaf] of leaves.entries()) {
        expect(await call("leafHash", leaf)).to.equal(leafHashes[index]);
      }
      for (const { index, size, path } of inclusion) {
        const leaf = leafHashes[Number(index)];
        const accepted = await call("verifyInclusion", leaf, index, size, roots[Number(size)], path);
        expect(accepted, `${index} of ${size}`).to.equal(true);
      }
      for (const { fromSize, toSize, path } of consistency) {
        const [from, to] = [roots[Number(fromSize)], roots[Number(toSize)]];
        const accepted = await call("verifyConsistency", fromSize, from, toSize, to, path);
        expect(accepted, `${fromSize} -> ${toSize}`).to.equal(true);
      }
      expect(inclusion.length * consistency.length).to.be.greaterThan(0);
    });
  }

  it("accepts proofs of trees up to 2^64 - 1 entries", async () => {
    for (const { index, size, leaf, root, path } of tree.large) {
      const hash = await call("leafHash", leaf);
      expect(await call("verifyInclusion", hash, index, size, root, path), size).to.equal(true);
      expect(await call("verifyInclusion", hash, index, size, root, path.slice(1)), size).to.equal(false);
    }
    expect(tree.large.length).to.be.greaterThan(0);
  });

  for (const { why, index, size, leafHash, root, path } of tree.refusedInclusion) {
    it(`refuses an inclusion proof: ${why}`, async () => {
      expect(await call("verifyInclusion", leafHash, index, size, root, path)).to.equal(false);
    });
  }

  for (const { why, fromSize, fromRoot, toSize, toRoot, path } of tree.refusedConsistency) {
    it(`refuses a consistency proof: ${why}`, async () => {
      expect(await call("verifyConsistency", fromSize, fromRoot, toSize, toRoot, path)).to.equal(false);
    });
  }
});
