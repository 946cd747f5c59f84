import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import type { Hex } from "../../../protocol/bytes.ts";
import { recordHash } from "../../../protocol/record.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { addressOf, deployRegistry } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(signedRecord);

/** Order of the secp256k1 group: SEC 2, section 2.4.1. */
const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const Behaviour = { ownerSignature: 0, refuse: 1, revert: 2, garbage: 3, shortAnswer: 4, acceptAll: 5 };

async function signedRecord() {
  const fixture = await deployRegistry(ethers);
  const { id } = await fixture.startDataset("a.csv");
  const record = await fixture.nextRecord(id);
  const signature = await fixture.signRecord(fixture.owner, record);
  return { ...fixture, id, record, signature, hash: recordHash(fixture.domain, record) };
}

async function walletDataset() {
  const fixture = await signedRecord();
  const wallet = await ethers.deployContract("Erc1271Wallet", [fixture.owner.address]);
  const account = (await wallet.getAddress()) as Hex;
  await fixture.registry.connect(fixture.owner).setDatasetWriter(fixture.id, account, true);
  const behave = (behaviour: number) => wallet.getFunction("behave")(behaviour);
  return { ...fixture, account, behave };
}

describe("ProvenanceRegistry: signatures", () => {
  it("F7: takes a signed record from a relayer, and the signer stays the agent", async () => {
    const { registry, owner, relayer, record, signature, hash, id } = await setUp();
    await registry.connect(relayer).recordProvenanceSigned(record, [], owner, signature);
    expect(await registry.getLatestHash(id)).to.equal(hash);
  });

  it("F7: refuses a record without a signature, unless the agent sends it", async () => {
    const { registry, owner, relayer, record } = await setUp();
    await refused(
      registry.connect(relayer).recordProvenanceSigned(record, [], owner, "0x"),
      registry,
      "ProvenanceSignatureMissing",
      owner.address,
      relayer.address,
    );
    await registry.connect(owner).recordProvenanceSigned(record, [], owner, "0x");
  });

  it("F7: refuses another's signature, another record's, and a wrong one from the agent itself", async () => {
    const { registry, owner, stranger, record, signRecord, hash } = await setUp();
    const signatures = [
      await signRecord(stranger, record),
      await signRecord(owner, { ...record, timestamp: record.timestamp + 1n }),
      `0x${"00".repeat(65)}`,
      "0x00",
      `0x${"ff".repeat(1024)}`,
    ];
    for (const signature of signatures) {
      for (const sender of [stranger, owner]) {
        await refused(
          registry.connect(sender).recordProvenanceSigned(record, [], owner, signature),
          registry,
          "ProvenanceSignatureInvalid",
          owner.address,
          hash,
        );
      }
    }
  });

  it("F7: never recovers the zero address", async () => {
    const { registry, relayer, record } = await setUp();
    await refused(
      registry
        .connect(relayer)
        .recordProvenanceSigned(record, [], ethers.ZeroAddress, `0x${"00".repeat(65)}`),
      registry,
      "ProvenanceNotWriter",
      record.dataId,
      ethers.ZeroAddress,
    );
  });

  it("F7: refuses the high-s twin and the compact form of a signature", async () => {
    const { registry, owner, relayer, record, signature } = await setUp();
    const { r, s, v, compactSerialized } = ethers.Signature.from(signature);
    const twin = ethers.concat([
      r,
      ethers.toBeHex(GROUP_ORDER - BigInt(s), 32),
      ethers.toBeHex(v === 27 ? 28 : 27, 1),
    ]);
    for (const other of [twin, compactSerialized]) {
      await refused(
        registry.connect(relayer).recordProvenanceSigned(record, [], owner, other),
        registry,
        "ProvenanceSignatureInvalid",
      );
    }
  });

  it("F11: bounds the signature to 1024 bytes", async () => {
    const { registry, owner, relayer, record } = await setUp();
    await refused(
      registry.connect(relayer).recordProvenanceSigned(record, [], owner, `0x${"ff".repeat(1025)}`),
      registry,
      "ProvenanceSignatureTooLong",
      1025,
      1024,
    );
  });

  it("F4: a signature for another chain or another registry is worth nothing", async () => {
    const { registry, owner, relayer, record, signRecord, domain, anchor } = await setUp();
    const elsewhere = [
      { ...domain, chainId: 1n },
      { ...domain, registry: (await anchor.getAddress()) as Hex },
    ];
    for (const other of elsewhere) {
      await refused(
        registry
          .connect(relayer)
          .recordProvenanceSigned(record, [], owner, await signRecord(owner, record, other)),
        registry,
        "ProvenanceSignatureInvalid",
      );
    }
  });

  it("says its EIP-712 domain", async () => {
    const { registry, domain } = await setUp();
    const { name, version, chainId, verifyingContract, salt, extensions } = await registry.eip712Domain();
    expect([name, version, chainId, verifyingContract.toLowerCase(), BigInt(salt), extensions]).to.deep.equal(
      ["Stemma", "1", domain.chainId, domain.registry, 0n, []],
    );
  });

  it("F7: takes what a contract wallet signs (ERC-1271)", async () => {
    const { registry, owner, relayer, record, signature, account, id, hash } =
      await networkHelpers.loadFixture(walletDataset);
    await registry.connect(relayer).recordProvenanceSigned(record, [], account, signature);
    expect(await registry.getLatestHash(id)).to.equal(hash);
    expect(addressOf(owner)).not.to.equal(account.toLowerCase());
  });

  it("takes a wallet's blob of 1024 bytes", async () => {
    const { registry, relayer, record, account, behave } = await networkHelpers.loadFixture(walletDataset);
    await behave(Behaviour.acceptAll);
    await registry.connect(relayer).recordProvenanceSigned(record, [], account, `0x${"ab".repeat(1024)}`);
  });

  it("refuses a wallet that refuses, reverts or answers with garbage", async () => {
    const { registry, relayer, record, signature, account, behave, hash } =
      await networkHelpers.loadFixture(walletDataset);
    for (const behaviour of [Behaviour.refuse, Behaviour.revert, Behaviour.garbage, Behaviour.shortAnswer]) {
      await behave(behaviour);
      await refused(
        registry.connect(relayer).recordProvenanceSigned(record, [], account, signature),
        registry,
        "ProvenanceSignatureInvalid",
        account,
        hash,
      );
    }
  });
});
