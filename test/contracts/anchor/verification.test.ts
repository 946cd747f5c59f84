import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { bytesToHex, type Hex } from "../../../protocol/bytes.ts";
import { logId } from "../../../protocol/checkpoint.ts";
import { buildTree, leafData } from "../../helpers/contracts/merkleTree.ts";
import { deployRegistry, digest } from "../../helpers/contracts/registryFixture.ts";

const { ethers, networkHelpers } = await network.create();
const setUp = () => networkHelpers.loadFixture(anchoredLog);
const LOG = logId("stemma.local/31337/test");
const tree = buildTree(20, [8, 13, 20]);
const leaf = (index: number) => bytesToHex(leafData(index));

async function anchoredLog() {
  const fixture = await deployRegistry(ethers);
  const { anchor, admin, owner } = fixture;
  await anchor.connect(admin).registerLog("stemma.local/31337/test", owner);
  await anchor.connect(owner).anchor(LOG, 1, 13, tree.root(13), []);
  return fixture;
}

describe("CheckpointAnchor: verification", () => {
  it("F15: finds each entry of an anchored tree at its index and nowhere else", async () => {
    const { anchor } = await setUp();
    for (let index = 0; index < 13; index++) {
      const proof = await tree.inclusion(index, 13);
      for (let at = 0; at < 13; at++) {
        expect(await anchor.verifyInclusion(LOG, 13, at, leaf(index), proof)).to.equal(at === index);
      }
    }
  });

  it("F15: refuses an entry changed by one bit, a proof of the wrong length and sizes never anchored", async () => {
    const { anchor } = await setUp();
    const proof = await tree.inclusion(5, 13);
    const data = leafData(5);
    data[32] = (data[32] ?? 0) ^ 1;
    const refusals: Record<string, readonly [Hex, number, number, Hex, readonly Hex[]]> = {
      "a changed entry": [LOG, 13, 5, bytesToHex(data), proof],
      "a short proof": [LOG, 13, 5, leaf(5), proof.slice(0, -1)],
      "a long proof": [LOG, 13, 5, leaf(5), [...proof, digest("x")]],
      "no proof": [LOG, 13, 5, leaf(5), []],
      "a proof beyond any tree": [LOG, 13, 5, leaf(5), Array(65).fill(digest("x"))],
      "an index beyond the tree": [LOG, 13, 13, leaf(5), proof],
      "a size never anchored": [LOG, 8, 5, leaf(5), await tree.inclusion(5, 8)],
      "an unknown log": [digest("unknown"), 13, 5, leaf(5), proof],
      "an empty entry": [LOG, 13, 5, "0x", proof],
    };
    for (const [what, args] of Object.entries(refusals)) {
      expect(await anchor.verifyInclusion(...args), what).to.equal(false);
    }
  });

  it("F15: checks that a later tree extends an anchored one", async () => {
    const { anchor } = await setUp();
    const proof = await tree.consistency(13, 20);
    expect(await anchor.verifyConsistency(LOG, 13, 20, tree.root(20), proof)).to.equal(true);
    expect(await anchor.verifyConsistency(LOG, 13, 13, tree.root(13), [])).to.equal(true);
    const refusals: Record<string, readonly [Hex, number, number, Hex, readonly Hex[]]> = {
      "another root": [LOG, 13, 20, digest("x"), proof],
      "a size of another shape": [LOG, 13, 33, tree.root(20), proof],
      "a short proof": [LOG, 13, 20, tree.root(20), proof.slice(1)],
      "a size never anchored": [LOG, 8, 20, tree.root(20), await tree.consistency(8, 20)],
      "size zero": [LOG, 0, 20, tree.root(20), []],
      "a smaller tree": [LOG, 13, 8, tree.root(8), []],
      "an unknown log": [digest("unknown"), 13, 20, tree.root(20), proof],
    };
    for (const [what, args] of Object.entries(refusals)) {
      expect(await anchor.verifyConsistency(...args), what).to.equal(false);
    }
  });
});
