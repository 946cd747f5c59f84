import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../../protocol/bytes.ts";
import { logId } from "../../../protocol/checkpoint.ts";
import { sha256 } from "../../../protocol/hash.ts";
import { buildTree } from "../../helpers/contracts/merkleTree.ts";
import { refused } from "../../helpers/contracts/refused.ts";
import { deployRegistry, digest } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(registeredLog);

const ORIGIN = "stemma.local/31337/test";
const LOG = logId(ORIGIN);
const honest = buildTree(20, [1, 2, 3, 5, 8, 13, 20]);
const forked = buildTree(20, [5, 8, 20], 1);

async function registeredLog() {
  const fixture = await deployRegistry(ethers);
  const { anchor, admin, owner } = fixture;
  await anchor.connect(admin).registerLog(ORIGIN, owner);
  return { ...fixture, asOperator: anchor.connect(owner) };
}

describe("CheckpointAnchor: logs", () => {
  it("registers a log under the SHA-256 of its origin", async () => {
    const { anchor, admin, stranger } = await setUp();
    const origin = "stemma.local/31337/other";
    const id = bytesToHex(sha256(utf8(origin)));
    expect(LOG).to.equal(bytesToHex(sha256(utf8(ORIGIN))));
    await expect(anchor.connect(admin).registerLog(origin, stranger))
      .to.emit(anchor, "LogRegistered")
      .withArgs(id, stranger.address, origin);
    expect(await anchor.operatorOf(id)).to.equal(stranger.address);
    expect(await anchor.latest(id)).to.deep.equal([0n, 0n, 0n, ZERO_HASH]);
  });

  it("refuses a log twice, without an operator, or with an origin that is empty or too long", async () => {
    const { anchor, admin, stranger } = await setUp();
    const asAdmin = anchor.connect(admin);
    await refused(asAdmin.registerLog(ORIGIN, stranger), anchor, "AnchorLogExists", LOG);
    await refused(asAdmin.registerLog("other", ethers.ZeroAddress), anchor, "AnchorZeroOperator");
    await refused(asAdmin.registerLog("", stranger), anchor, "AnchorOriginInvalid", 0);
    await refused(asAdmin.registerLog("x".repeat(513), stranger), anchor, "AnchorOriginInvalid", 513);
  });

  it("F8: lets only the AccessManager's people register logs and name operators", async () => {
    const { anchor, asOperator, owner, stranger } = await setUp();
    for (const call of [asOperator.registerLog("other", owner), asOperator.setOperator(LOG, stranger)]) {
      await refused(call, anchor, "AccessManagedUnauthorized", owner.address);
    }
  });

  it("hands a log to another operator at once", async () => {
    const { anchor, asOperator, admin, owner, stranger } = await setUp();
    const asAdmin = anchor.connect(admin);
    await expect(asAdmin.setOperator(LOG, stranger))
      .to.emit(anchor, "LogOperatorSet")
      .withArgs(LOG, owner.address, stranger.address);
    await refused(
      asOperator.anchor(LOG, 1, 5, honest.root(5), []),
      anchor,
      "AnchorNotOperator",
      LOG,
      stranger.address,
      owner.address,
    );
    await anchor.connect(stranger).anchor(LOG, 1, 5, honest.root(5), []);
    await refused(asAdmin.setOperator(LOG, ethers.ZeroAddress), anchor, "AnchorZeroOperator");
    await refused(asAdmin.setOperator(digest("x"), owner), anchor, "AnchorLogUnknown", digest("x"));
  });
});

describe("CheckpointAnchor: anchoring", () => {
  it("F16: anchors growing checkpoints, each proved to extend the one before", async () => {
    const { anchor, asOperator } = await setUp();
    let [previousSize, previousRoot]: [number, Hex] = [0, ZERO_HASH];
    for (const size of [1, 2, 3, 8, 13, 20]) {
      const proof = previousSize === 0 ? [] : await honest.consistency(previousSize, size);
      await expect(asOperator.anchor(LOG, 1, size, honest.root(size), proof))
        .to.emit(anchor, "CheckpointAnchored")
        .withArgs(LOG, size, honest.root(size), 1, previousSize, previousRoot);
      const blockNumber = BigInt(await ethers.provider.getBlockNumber());
      expect(await anchor.latest(LOG)).to.deep.equal([BigInt(size), 1n, blockNumber, honest.root(size)]);
      [previousSize, previousRoot] = [size, honest.root(size)];
    }
    expect(await anchor.rootAt(LOG, 3)).to.equal(honest.root(3));
    expect(await anchor.rootAt(LOG, 4)).to.equal(ZERO_HASH);
  });

  it("F16: refuses a rewritten history, whatever proof comes with it", async () => {
    const { anchor, asOperator } = await setUp();
    await asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    const proofs = [
      await forked.consistency(5, 8),
      await honest.consistency(5, 8),
      [],
      [honest.root(5)],
      Array(64).fill(digest("x")),
      Array(66).fill(digest("x")),
    ];
    for (const proof of proofs) {
      await refused(
        asOperator.anchor(LOG, 1, 8, forked.root(8), proof),
        anchor,
        "AnchorInconsistent",
        LOG,
        5,
        8,
      );
    }
    const good = await honest.consistency(5, 8);
    for (const proof of [good.slice(1), good.slice(0, -1), [...good, digest("x")], good.toReversed()]) {
      await refused(
        asOperator.anchor(LOG, 1, 8, honest.root(8), proof),
        anchor,
        "AnchorInconsistent",
        LOG,
        5,
        8,
      );
    }
    await asOperator.anchor(LOG, 1, 8, honest.root(8), good);
  });

  it("refuses a proof where there is nothing to prove", async () => {
    const { anchor, asOperator } = await setUp();
    const superfluous = [digest("x")];
    await refused(
      asOperator.anchor(LOG, 1, 5, honest.root(5), superfluous),
      anchor,
      "AnchorInconsistent",
      LOG,
      0,
      5,
    );
    await asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    await refused(
      asOperator.anchor(LOG, 1, 5, honest.root(5), superfluous),
      anchor,
      "AnchorInconsistent",
      LOG,
      5,
      5,
    );
  });

  it("takes the same checkpoint twice without a change, but for a higher epoch", async () => {
    const { anchor, asOperator } = await setUp();
    await asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    const before = await anchor.latest(LOG);
    const again = asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    await expect(again).not.to.emit(anchor, "CheckpointAnchored");
    await expect(again).not.to.emit(anchor, "LogEpochRaised");
    expect(await anchor.latest(LOG)).to.deep.equal(before);
    await expect(asOperator.anchor(LOG, 2, 5, honest.root(5), []))
      .to.emit(anchor, "LogEpochRaised")
      .withArgs(LOG, 1, 2);
    expect((await anchor.latest(LOG)).epoch).to.equal(2);
  });

  it("refuses another root for an anchored size, a smaller size, size zero and root zero", async () => {
    const { anchor, asOperator } = await setUp();
    await refused(
      asOperator.anchor(LOG, 1, 0, honest.root(5), []),
      anchor,
      "AnchorSizeNotGreater",
      LOG,
      0,
      0,
    );
    await refused(asOperator.anchor(LOG, 1, 5, ZERO_HASH, []), anchor, "AnchorZeroRoot", LOG);
    await asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    await refused(
      asOperator.anchor(LOG, 1, 5, forked.root(5), []),
      anchor,
      "AnchorRootConflict",
      LOG,
      5,
      honest.root(5),
      forked.root(5),
    );
    await refused(
      asOperator.anchor(LOG, 1, 3, honest.root(3), []),
      anchor,
      "AnchorSizeNotGreater",
      LOG,
      5,
      3,
    );
  });

  it("F16: refuses a deposed leader: the epoch never goes down", async () => {
    const { anchor, asOperator } = await setUp();
    await asOperator.anchor(LOG, 3, 5, honest.root(5), []);
    const proof = await honest.consistency(5, 8);
    const tooLow = ["AnchorEpochTooLow", LOG, 3, 2] as const;
    await refused(asOperator.anchor(LOG, 2, 8, honest.root(8), proof), anchor, ...tooLow);
    await refused(asOperator.anchor(LOG, 2, 5, honest.root(5), []), anchor, ...tooLow);
    await refused(asOperator.raiseEpoch(LOG, 2), anchor, ...tooLow);
    await expect(asOperator.raiseEpoch(LOG, 7)).to.emit(anchor, "LogEpochRaised").withArgs(LOG, 3, 7);
    await expect(asOperator.raiseEpoch(LOG, 7)).not.to.emit(anchor, "LogEpochRaised");
    await refused(
      asOperator.anchor(LOG, 3, 8, honest.root(8), proof),
      anchor,
      "AnchorEpochTooLow",
      LOG,
      7,
      3,
    );
    await asOperator.anchor(LOG, 7, 8, honest.root(8), proof);
    expect(await anchor.latest(LOG)).to.deep.equal([
      8n,
      7n,
      BigInt(await ethers.provider.getBlockNumber()),
      honest.root(8),
    ]);
  });

  it("refuses strangers and unknown logs", async () => {
    const { anchor, asOperator, owner, stranger } = await setUp();
    const asStranger = anchor.connect(stranger);
    const notOperator = ["AnchorNotOperator", LOG, owner.address, stranger.address] as const;
    await refused(asStranger.anchor(LOG, 1, 5, honest.root(5), []), anchor, ...notOperator);
    await refused(asStranger.raiseEpoch(LOG, 9), anchor, ...notOperator);
    const unknown = digest("unknown");
    await refused(asOperator.anchor(unknown, 1, 5, honest.root(5), []), anchor, "AnchorLogUnknown", unknown);
    await refused(asOperator.raiseEpoch(unknown, 1), anchor, "AnchorLogUnknown", unknown);
  });

  it("keeps logs apart", async () => {
    const { anchor, asOperator, admin, owner } = await setUp();
    const other = logId("other");
    await anchor.connect(admin).registerLog("other", owner);
    await asOperator.anchor(LOG, 5, 5, honest.root(5), []);
    await asOperator.anchor(other, 1, 8, forked.root(8), []);
    expect((await anchor.latest(LOG)).size).to.equal(5);
    expect(await anchor.rootAt(other, 5)).to.equal(ZERO_HASH);
  });

  it("F22: a pause stops writes and never reads", async () => {
    const { anchor, asOperator, admin, owner, stranger } = await setUp();
    await asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    await refused(asOperator.pause(), anchor, "AccessManagedUnauthorized", owner.address);
    const asAdmin = anchor.connect(admin);
    await asAdmin.pause();
    const writes = [
      () => asOperator.anchor(LOG, 1, 8, honest.root(8), []),
      () => asOperator.raiseEpoch(LOG, 2),
      () => asAdmin.registerLog("other", stranger),
      () => asAdmin.setOperator(LOG, stranger),
    ];
    for (const write of writes) await refused(write(), anchor, "EnforcedPause");
    expect((await anchor.latest(LOG)).size).to.equal(5);
    await refused(asOperator.unpause(), anchor, "AccessManagedUnauthorized", owner.address);
    await asAdmin.unpause();
    await asOperator.raiseEpoch(LOG, 2);
  });

  it("F13: its state can be rebuilt from its events alone", async () => {
    const { anchor, asOperator, admin, stranger } = await setUp();
    await asOperator.anchor(LOG, 1, 5, honest.root(5), []);
    await asOperator.raiseEpoch(LOG, 2);
    await asOperator.anchor(LOG, 2, 8, honest.root(8), await honest.consistency(5, 8));
    await asOperator.anchor(LOG, 3, 8, honest.root(8), []);
    await anchor.connect(admin).setOperator(LOG, stranger);
    const state = { operator: "", size: 0n, epoch: 0n, blockNumber: 0n, root: ZERO_HASH as string };
    const roots = new Map<bigint, string>();
    for (const log of await ethers.provider.getLogs({ address: await anchor.getAddress(), fromBlock: 0 })) {
      const event = anchor.interface.parseLog(log);
      if (event?.name === "LogRegistered") state.operator = event.args.operator;
      if (event?.name === "LogOperatorSet") state.operator = event.args.to;
      if (event?.name === "LogEpochRaised") state.epoch = event.args.to;
      if (event?.name === "CheckpointAnchored") {
        const { size, root, epoch, previousSize, previousRoot } = event.args;
        expect([previousSize, previousRoot]).to.deep.equal([state.size, state.root]);
        Object.assign(state, { size, root, epoch, blockNumber: BigInt(log.blockNumber) });
        roots.set(size, root);
      }
    }
    expect(await anchor.operatorOf(LOG)).to.equal(state.operator);
    expect(await anchor.latest(LOG)).to.deep.equal([state.size, state.epoch, state.blockNumber, state.root]);
    for (const [size, root] of roots) expect(await anchor.rootAt(LOG, size)).to.equal(root);
  });
});
