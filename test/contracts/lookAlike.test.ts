import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { deployRegistry, digest } from "../helpers/contracts/registryFixture.ts";

const { ethers } = await network.create();

describe("LookAlikeRegistry, for tests of readers", () => {
  it("emits the registry's event from another address", async () => {
    const { registry } = await deployRegistry(ethers);
    const lookAlike = await ethers.deployContract("LookAlikeRegistry");
    const receipt = await (await lookAlike.getFunction("emitRecorded")(digest("a"), digest("b"))).wait();
    const [log] = receipt.logs;
    expect(log.topics[0]).to.equal(registry.interface.getEvent("ProvenanceRecorded")?.topicHash);
    expect(registry.interface.parseLog(log)?.args.recordHash).to.equal(digest("b"));
    expect(log.address).not.to.equal(await registry.getAddress());
  });

  it("emits the registry's topic with data that no decoder can read", async () => {
    const { registry } = await deployRegistry(ethers);
    const lookAlike = await ethers.deployContract("LookAlikeRegistry");
    const topic = registry.interface.getEvent("ProvenanceRecorded")?.topicHash;
    const malformed = await (
      await lookAlike.getFunction("emitMalformed")(digest("a"), digest("b"), "0xdeadbeef")
    ).wait();
    expect([malformed.logs[0].topics.length, malformed.logs[0].data]).to.deep.equal([4, "0xdeadbeef"]);
    const bare = await (await lookAlike.getFunction("emitWithoutTopics")("0x")).wait();
    expect([bare.logs[0].topics, bare.logs[0].data]).to.deep.equal([[topic], "0x"]);
  });
});
