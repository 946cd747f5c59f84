import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import type { Hex } from "../../../protocol/bytes.ts";
import { endorsementHash, endorsementTypedData } from "../../../protocol/endorsement.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { addressOf, deployRegistry, digest } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(validatedDataset);

/** A dataset whose records need two of three validators from its second record on. */
async function validatedDataset() {
  const fixture = await deployRegistry(ethers);
  const { registry, owner, domain, others } = fixture;
  const validators = others.slice(0, 3);
  const { id, hash: unpolicedHash } = await fixture.startDataset("a.csv");
  await registry.connect(owner).setEndorsementPolicy(id, validators, 2);
  const { hash } = await fixture.append(id);

  async function endorsement(signer: HardhatEthersSigner, recordHash: Hex = hash, policyVersion = 1n) {
    const data = endorsementTypedData(domain, { recordHash, validator: addressOf(signer), policyVersion });
    const types = { Endorsement: [...data.types.Endorsement] };
    return {
      validator: addressOf(signer),
      signature: await signer.signTypedData(data.domain, types, data.message),
    };
  }
  const [alice, bob, carol] = validators as [HardhatEthersSigner, HardhatEthersSigner, HardhatEthersSigner];
  return { ...fixture, id, unpolicedHash, hash, validators, alice, bob, carol, endorsement };
}

describe("ProvenanceRegistry: endorsements", () => {
  it("sets a policy, and says so", async () => {
    const { registry, owner, id, validators } = await setUp();
    const addresses = validators.slice(1).map(({ address }) => address);
    await expect(registry.connect(owner).setEndorsementPolicy(id, addresses, 1))
      .to.emit(registry, "EndorsementPolicySet")
      .withArgs(id, 2, 1, addresses);
    expect(await registry.endorsementPolicy(id)).to.deep.equal([2n, 1n, addresses]);
    expect(await registry.endorsementPolicy(digest("unknown"))).to.deep.equal([0n, 0n, []]);
  });

  it("F20: counts a record as validated from the n-th of its m validators on", async () => {
    const { registry, relayer, domain, id, hash, alice, bob, carol, endorsement } = await setUp();
    const digestOf = (validator: Hex) =>
      endorsementHash(domain, { recordHash: hash, validator, policyVersion: 1n });
    expect(await registry.hashEndorsement(hash, alice, 1)).to.equal(digestOf(addressOf(alice)));

    const first = registry.connect(relayer).endorse(id, hash, [await endorsement(alice)]);
    await expect(first)
      .to.emit(registry, "RecordEndorsed")
      .withArgs(id, hash, alice.address, digestOf(addressOf(alice)), 1, 1);
    await expect(first).not.to.emit(registry, "RecordValidated");
    let info = await registry.recordInfo(hash);
    expect([info.policyVersion, info.endorsementCount, info.validated]).to.deep.equal([1n, 1n, false]);

    const second = registry.connect(relayer).endorse(id, hash, [await endorsement(bob)]);
    await expect(second)
      .to.emit(registry, "RecordEndorsed")
      .withArgs(id, hash, bob.address, digestOf(addressOf(bob)), 1, 2);
    await expect(second).to.emit(registry, "RecordValidated").withArgs(id, hash, 1);

    const third = registry.connect(relayer).endorse(id, hash, [await endorsement(carol)]);
    await expect(third).not.to.emit(registry, "RecordValidated");
    info = await registry.recordInfo(hash);
    expect([info.endorsementCount, info.validated]).to.deep.equal([3n, true]);
  });

  it("F20: takes all signatures in one call, in any order", async () => {
    const { registry, relayer, id, hash, alice, bob, carol, endorsement } = await setUp();
    const endorsements = [await endorsement(carol), await endorsement(alice), await endorsement(bob)];
    await registry.connect(relayer).endorse(id, hash, endorsements);
    const info = await registry.recordInfo(hash);
    expect([info.endorsementCount, info.validated]).to.deep.equal([3n, true]);
  });

  it("takes a validator's own call for its signature, and nobody else's", async () => {
    const { registry, relayer, id, hash, alice } = await setUp();
    const unsigned = [{ validator: alice.address, signature: "0x" }];
    await refused(
      registry.connect(relayer).endorse(id, hash, unsigned),
      registry,
      "ProvenanceSignatureMissing",
      alice.address,
      relayer.address,
    );
    await registry.connect(alice).endorse(id, hash, unsigned);
    expect((await registry.recordInfo(hash)).endorsementCount).to.equal(1);
  });

  it("F20: counts no validator twice, in one call or in two", async () => {
    const { registry, id, hash, alice, endorsement } = await setUp();
    const one = await endorsement(alice);
    const twice = ["ProvenanceValidatorDuplicate", hash, alice.address] as const;
    await refused(registry.endorse(id, hash, [one, one]), registry, ...twice);
    await registry.endorse(id, hash, [one]);
    await refused(registry.endorse(id, hash, [one]), registry, ...twice);
    expect((await registry.recordInfo(hash)).endorsementCount).to.equal(1);
  });

  it("F20: refuses strangers, forged signatures and signatures over something else", async () => {
    const { registry, id, hash, stranger, alice, bob, endorsement, append } = await setUp();
    await refused(
      registry.endorse(id, hash, [await endorsement(stranger)]),
      registry,
      "ProvenanceValidatorUnknown",
      id,
      stranger.address,
    );
    const other = await append(id);
    const signatures = [
      (await endorsement(bob)).signature,
      (await endorsement(alice, other.hash)).signature,
      (await endorsement(alice, hash, 2n)).signature,
    ];
    for (const signature of signatures) {
      await refused(
        registry.endorse(id, hash, [{ validator: alice.address, signature }]),
        registry,
        "ProvenanceSignatureInvalid",
        alice.address,
        await registry.hashEndorsement(hash, alice, 1),
      );
    }
    await refused(
      registry.endorse(id, hash, [{ validator: alice.address, signature: `0x${"00".repeat(1025)}` }]),
      registry,
      "ProvenanceSignatureTooLong",
      1025,
      1024,
    );
  });

  it("pins the policy in force when the record was accepted", async () => {
    const { registry, owner, id, hash, unpolicedHash, stranger, alice, bob, endorsement, append } =
      await setUp();
    await registry.connect(owner).setEndorsementPolicy(id, [stranger], 1);
    const later = await append(id);
    await registry.endorse(id, hash, [await endorsement(alice), await endorsement(bob)]);
    expect((await registry.recordInfo(hash)).validated).to.equal(true);
    await registry.endorse(id, later.hash, [await endorsement(stranger, later.hash, 2n)]);
    expect((await registry.recordInfo(later.hash)).validated).to.equal(true);
    await refused(
      registry.endorse(id, later.hash, [await endorsement(alice, later.hash, 2n)]),
      registry,
      "ProvenanceValidatorUnknown",
      id,
      alice.address,
    );
    await refused(
      registry.endorse(id, unpolicedHash, [await endorsement(alice, unpolicedHash)]),
      registry,
      "ProvenancePolicyNone",
      id,
    );
  });

  it("ends a policy, and starts another under a number never used before", async () => {
    const { registry, owner, id, alice, endorsement, append } = await setUp();
    const asOwner = registry.connect(owner);
    await expect(asOwner.setEndorsementPolicy(id, [], 0))
      .to.emit(registry, "EndorsementPolicySet")
      .withArgs(id, 2, 0, []);
    const free = await append(id);
    expect((await registry.recordInfo(free.hash)).policyVersion).to.equal(0);
    await refused(
      registry.endorse(id, free.hash, [await endorsement(alice, free.hash, 2n)]),
      registry,
      "ProvenancePolicyNone",
      id,
    );
    expect(await asOwner.setEndorsementPolicy.staticCall(id, [alice], 1)).to.equal(3);
    await asOwner.setEndorsementPolicy(id, [alice], 1);
    expect((await registry.recordInfo((await append(id)).hash)).policyVersion).to.equal(3);
  });

  it("refuses policies that nobody could meet or that count a validator twice", async () => {
    const { registry, owner, id, validators, alice } = await setUp();
    const asOwner = registry.connect(owner);
    for (const threshold of [0, 4]) {
      await refused(
        asOwner.setEndorsementPolicy(id, validators, threshold),
        registry,
        "ProvenancePolicyInvalid",
        threshold,
        3,
        64,
      );
    }
    await refused(asOwner.setEndorsementPolicy(id, [], 1), registry, "ProvenancePolicyInvalid", 1, 0, 64);
    const many = Array.from({ length: 65 }, (_, i) => ethers.toBeHex(i + 1, 20));
    await refused(asOwner.setEndorsementPolicy(id, many, 1), registry, "ProvenancePolicyInvalid", 1, 65, 64);
    await asOwner.setEndorsementPolicy(id, many.slice(1), 64);
    await refused(
      asOwner.setEndorsementPolicy(id, [alice, ethers.ZeroAddress], 1),
      registry,
      "ProvenanceZeroAddress",
    );
    await refused(
      asOwner.setEndorsementPolicy(id, [...validators, alice], 1),
      registry,
      "ProvenancePolicyDuplicate",
      id,
      alice.address,
    );
  });

  it("lets only the owner set a policy, and only of a known dataset", async () => {
    const { registry, owner, stranger, id, validators } = await setUp();
    const asStranger = registry.connect(stranger);
    await refused(
      asStranger.setEndorsementPolicy(id, validators, 1),
      registry,
      "ProvenanceNotOwner",
      id,
      owner.address,
      stranger.address,
    );
    const unknown = digest("unknown");
    await refused(
      asStranger.setEndorsementPolicy(unknown, validators, 1),
      registry,
      "ProvenanceDatasetUnknown",
      unknown,
    );
  });

  it("refuses endorsements of unknown records, under a wrong dataset, none and too many", async () => {
    const { registry, id, hash, alice, endorsement, startDataset } = await setUp();
    const other = await startDataset("other.csv");
    const one = await endorsement(alice);
    const unknown = digest("unknown");
    await refused(registry.endorse(id, unknown, [one]), registry, "ProvenanceRecordUnknown", unknown);
    await refused(
      registry.endorse(other.id, hash, [one]),
      registry,
      "ProvenanceRecordNotInDataset",
      hash,
      other.id,
    );
    await refused(registry.endorse(id, hash, []), registry, "ProvenanceBatchEmpty");
    await refused(
      registry.endorse(id, hash, Array(65).fill(one)),
      registry,
      "ProvenanceBatchTooLarge",
      65,
      64,
    );
  });

  it("fills all 64 places of a policy", async () => {
    const { registry, owner, id, append, domain } = await setUp();
    const wallets = Array.from({ length: 64 }, (_, i) => new ethers.Wallet(ethers.toBeHex(i + 1, 32)));
    await registry.connect(owner).setEndorsementPolicy(
      id,
      wallets.map(({ address }) => address),
      64,
    );
    const { hash } = await append(id);
    const endorsements = wallets.map((wallet) => {
      const validator = wallet.address as Hex;
      const signed = endorsementHash(domain, { recordHash: hash, validator, policyVersion: 2n });
      return { validator, signature: wallet.signingKey.sign(signed).serialized };
    });
    await registry.endorse(id, hash, endorsements.slice(0, 63));
    expect((await registry.recordInfo(hash)).validated).to.equal(false);
    await registry.endorse(id, hash, endorsements.slice(63));
    const info = await registry.recordInfo(hash);
    expect([info.endorsementCount, info.validated]).to.deep.equal([64n, true]);
  });
});
