import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { namespaceId } from "../../../protocol/dataset.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { deployRegistry, digest, NAMESPACE, NAMESPACE_ID } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const fixture = () => deployRegistry(ethers);
const setUp = () => networkHelpers.loadFixture(fixture);

describe("ProvenanceRegistry: namespaces", () => {
  it("gives a namespace to who registers it, and says so", async () => {
    const { registry, stranger } = await setUp();
    const id = namespaceId("s3://lake");
    await expect(registry.connect(stranger).registerNamespace("s3://lake"))
      .to.emit(registry, "NamespaceRegistered")
      .withArgs(id, stranger.address, "s3://lake");
    expect(await registry.namespaceOwner(id)).to.deep.equal([stranger.address, ethers.ZeroAddress]);
  });

  it("F8: refuses a namespace that is taken, so that nobody squats an id", async () => {
    const { registry, owner, stranger } = await setUp();
    await refused(
      registry.connect(stranger).registerNamespace(NAMESPACE),
      registry,
      "ProvenanceNamespaceTaken",
      NAMESPACE_ID,
      owner.address,
    );
  });

  it("takes names of 1 to 512 bytes and no others", async () => {
    const { registry } = await setUp();
    await refused(registry.registerNamespace(""), registry, "ProvenanceNamespaceInvalid", 0, 512);
    await refused(
      registry.registerNamespace("x".repeat(513)),
      registry,
      "ProvenanceNamespaceInvalid",
      513,
      512,
    );
    // 256 characters of two bytes.
    await registry.registerNamespace("ü".repeat(256));
    await refused(
      registry.registerNamespace("ü".repeat(257)),
      registry,
      "ProvenanceNamespaceInvalid",
      514,
      512,
    );
  });

  it("lets the owner name writers and take the right back", async () => {
    const { registry, owner, writer } = await setUp();
    await expect(registry.connect(owner).setNamespaceWriter(NAMESPACE_ID, writer, true))
      .to.emit(registry, "NamespaceWriterSet")
      .withArgs(NAMESPACE_ID, writer.address, true);
    expect(await registry.isNamespaceWriter(NAMESPACE_ID, writer)).to.equal(true);
    await registry.connect(owner).setNamespaceWriter(NAMESPACE_ID, writer, false);
    expect(await registry.isNamespaceWriter(NAMESPACE_ID, writer)).to.equal(false);
    expect(await registry.isNamespaceWriter(NAMESPACE_ID, ethers.ZeroAddress)).to.equal(false);
    expect(await registry.isNamespaceWriter(digest("unknown"), ethers.ZeroAddress)).to.equal(false);
  });

  it("refuses writers named by a stranger, the zero address and unknown namespaces", async () => {
    const { registry, owner, stranger } = await setUp();
    const unknown = digest("unknown");
    await refused(
      registry.connect(stranger).setNamespaceWriter(NAMESPACE_ID, stranger, true),
      registry,
      "ProvenanceNotOwner",
      NAMESPACE_ID,
      owner.address,
      stranger.address,
    );
    await refused(
      registry.connect(owner).setNamespaceWriter(NAMESPACE_ID, ethers.ZeroAddress, true),
      registry,
      "ProvenanceZeroAddress",
    );
    await refused(
      registry.setNamespaceWriter(unknown, stranger, true),
      registry,
      "ProvenanceNamespaceUnknown",
      unknown,
    );
    await refused(
      registry.transferNamespace(unknown, stranger),
      registry,
      "ProvenanceNamespaceUnknown",
      unknown,
    );
    await refused(registry.acceptNamespace(unknown), registry, "ProvenanceNamespaceUnknown", unknown);
  });

  it("F8: moves a namespace in two steps", async () => {
    const { registry, owner, stranger, relayer } = await setUp();
    await expect(registry.connect(owner).transferNamespace(NAMESPACE_ID, stranger))
      .to.emit(registry, "NamespaceTransferStarted")
      .withArgs(NAMESPACE_ID, owner.address, stranger.address);
    expect(await registry.namespaceOwner(NAMESPACE_ID)).to.deep.equal([owner.address, stranger.address]);
    await refused(
      registry.connect(relayer).acceptNamespace(NAMESPACE_ID),
      registry,
      "ProvenanceNotPendingOwner",
      NAMESPACE_ID,
      stranger.address,
      relayer.address,
    );
    await expect(registry.connect(stranger).acceptNamespace(NAMESPACE_ID))
      .to.emit(registry, "NamespaceTransferred")
      .withArgs(NAMESPACE_ID, owner.address, stranger.address);
    expect(await registry.namespaceOwner(NAMESPACE_ID)).to.deep.equal([stranger.address, ethers.ZeroAddress]);
    await refused(
      registry.connect(owner).transferNamespace(NAMESPACE_ID, owner),
      registry,
      "ProvenanceNotOwner",
      NAMESPACE_ID,
      stranger.address,
      owner.address,
    );
  });

  it("withdraws an offer of a namespace", async () => {
    const { registry, owner, stranger } = await setUp();
    await registry.connect(owner).transferNamespace(NAMESPACE_ID, stranger);
    await registry.connect(owner).transferNamespace(NAMESPACE_ID, ethers.ZeroAddress);
    await refused(
      registry.connect(stranger).acceptNamespace(NAMESPACE_ID),
      registry,
      "ProvenanceNotPendingOwner",
      NAMESPACE_ID,
      ethers.ZeroAddress,
      stranger.address,
    );
  });
});
