import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { digest } from "../helpers/contracts/registryFixture.ts";

const { ethers } = await network.create();

describe("PlainProvenance, the contract that gas is compared with", () => {
  it("F1: compiles, and records as the course page says", async () => {
    const [caller] = await ethers.getSigners();
    const plain = await ethers.deployContract("PlainProvenance");
    const id = digest("document");
    const record = plain.getFunction("recordProvenance");
    await expect(record(id, "CREATE", "0x"))
      .to.emit(plain, "ProvenanceRecorded")
      .withArgs(id, caller?.address, "CREATE");
    const first = await plain.getFunction("getLatestHash")(id);
    const call = plain.interface.encodeFunctionData("recordProvenance", [id, "CREATE", "0x"]);
    expect(first).to.equal(ethers.keccak256(call));
    await record(id, "CREATE", "0x");
    const second = await plain.getFunction("dataLineage")(id, 1);
    // The flaws that the registry repairs are there: equal calls have equal hashes, and nobody checks the signature.
    expect([second.dataHash, second.previousHash, second.signature]).to.deep.equal([first, first, "0x"]);
  });
});
